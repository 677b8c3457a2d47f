"""The report card of a representation: every desideratum, with plain references beside it."""

from collections.abc import Callable, Sequence
from typing import Any

from explorer.errors import Refused
from explorer.evaluation.desiderata import DESIDERATA, Desideratum, Subject
from explorer.evaluation.finite import check_finite

LEAST = 2  # images on either side: of one alone nothing can be compared


def card(subjects: Sequence[Subject], progress: Callable[[str], None] = lambda _: None) -> list[dict[str, Any]]:
    """The rows of the card: of each desideratum what it asks, where it is from, and its numbers of every subject.

    A number that a subject does not have is None; why a desideratum, or a number of it, could not be measured
    stands in `refused`, a sentence for each subject, empty where all was. Raises `Refused` where nothing can be.
    """
    check(subjects)
    rows = []
    for each in sorted(DESIDERATA.values(), key=lambda it: it.order):
        progress(each.title.lower())
        rows.append(_row(each, subjects))
    return rows


def check(subjects: Sequence[Subject]) -> None:
    """Raises `Refused` where there is nothing to measure: too few images, or features that are no numbers."""
    for each in subjects:
        for what, of in (("on which it is measured", each.queries), ("that it learns from", each.bank)):
            if (n := len(of.y)) < LEAST:
                raise Refused(f"a report card takes at least {LEAST} images {what}, and there are {n}: add some")
            check_finite(each.ref, of.z)


def _row(each: Desideratum, subjects: Sequence[Subject]) -> dict[str, Any]:
    found, refused = [], []
    for subject in subjects:
        try:
            found.append(each(subject))
            refused.append(found[-1].left_out)
        except Refused as why:
            found.append(None)
            refused.append(str(why))
    numbers = {
        name: {**number._asdict(), "values": [None if it is None else it.numbers.get(name) for it in found]}
        for name, number in each.numbers.items()
    }
    more = [None if it is None else it.more for it in found]
    about = {"name": each.name, "title": each.title, "question": each.question, "source": each.source}
    return {**about, "numbers": numbers, "refused": refused, "more": more}
