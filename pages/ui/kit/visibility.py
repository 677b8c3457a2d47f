"""Which data sets a visitor sees: what is everybody's, what is shared, and their own."""

from explorer import Refused, data
from explorer.data.image_sets import store
from pages.ui.kit import identity, messages, teacher

FOREIGN = "the data set '{:.80}' is of somebody else, who does not share it"


def sees(name: str) -> bool:
    """Whether this visitor sees a data set, on a page or as a file; a teacher who has given a password sees all."""
    it = store.find(name)
    return it is None or _is_seen(it)


def foreign() -> frozenset[str]:
    """The names of the data sets that this visitor does not see."""
    return frozenset(it.name for it in store.listing().values() if not _is_seen(it))


def _is_seen(it: store.ImageSet) -> bool:
    return not it.owner or it.shared or it.owner == identity.me() or teacher.sees_all()


def catalogue() -> dict[str, data.Entry]:
    """All data sets that this visitor sees, by name."""
    others = foreign()
    return {name: entry for name, entry in data.catalogue().items() if name not in others}


def check(name: str) -> None:
    """Raises `Refused` for a data set that this visitor does not see."""
    if name in foreign():
        raise Refused(f"{FOREIGN.format(name)}: choose another one, or ask whoever has imported it")


def missing(name: str) -> str:
    """What is said of an address that names a data set which is not shown; empty where it is merely unknown."""
    return messages.sentence(f"{FOREIGN.format(name)}; another one is shown") if name in foreign() else ""
