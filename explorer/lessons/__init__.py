"""Lessons: small text files that lead a student through predictions, live pictures and measured answers."""

from explorer.lessons.catalogue import Catalogue, Entry, catalogue
from explorer.lessons.errors import LessonRefused
from explorer.lessons.format import Lesson, Step

__all__ = ["Catalogue", "Entry", "Lesson", "LessonRefused", "Step", "catalogue"]
