"""A lesson that cannot be used: the file, the line, and the reason in one sentence."""

from explorer.errors import Refused


class LessonRefused(Refused):
    """A lesson's file is refused; the message names file, line and reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason.strip().rstrip(".")
        super().__init__(f"{file}, line {line}: {self.reason}")


class Problem(ValueError):
    """Something wrong inside a lesson: where, as the names and numbers that lead there, and why."""

    def __init__(self, place: tuple[str | int, ...], reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(reason)
