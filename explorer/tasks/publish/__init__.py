"""The models that come with the project: how a finished run becomes one, and how all are trained anew from recipes."""

from explorer.tasks.publish.card import Card
from explorer.tasks.publish.publishing import publish

__all__ = ["Card", "publish"]
