"""What the rows of the table of all models are called, no two alike, and what their scores are about."""

from collections import Counter
from collections.abc import Mapping, Sequence

from explorer.tasks import leaderboard
from explorer.tasks.leaderboard import Entry, Question
from pages.ui.runs import lineage

Names = Mapping[tuple[str, ...], str]  # by the ids of a row


def labels(some: Sequence[Entry]) -> Names:
    """What each row is called: its title; of the same title, the data and the values that differ; else its first id."""
    by_title: dict[str, list[Entry]] = {}
    for it in some:
        by_title.setdefault(_plain(it.label), []).append(it)
    names = {it.ids: _label(it, alike) for alike in by_title.values() for it in alike}
    often = Counter(names.values())
    return {ids: name if often[name] == 1 else f"{name} ({ids[0]})" for ids, name in names.items()}


def _label(it: Entry, alike: Sequence[Entry]) -> str:
    """The title, and what distinguishes it from the others of this title."""
    parts = [it.label]
    if len({other.dataset for other in alike}) > 1:
        parts.append(leaderboard.title_of(it.dataset))
    for name in leaderboard.varied(alike):
        value = it.method if name == "method" else it.hyperparameters.get(name)
        if value is not None:
            parts.append(f"{lineage.name(name)} {lineage.shown(name, value)}")
    return _plain(", ".join(parts))


def _plain(text: str) -> str:
    """A text as a line of a chart shows it: spaces that follow one another are one."""
    return " ".join(text.split())


def question(of: Question) -> str:
    """Which test images, in words: of which data, which classes, which size."""
    classes = [f"classes {', '.join(of.classes)}"] * bool(of.classes)
    size = [f"{of.size} pixels"] * bool(of.size)
    return ", ".join([leaderboard.title_of(of.dataset), *classes, *size])
