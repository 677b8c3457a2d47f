"""Which data sets a visitor sees: what is everybody's, what is shared, and their own."""

from explorer import Refused, data
from explorer.data.image_sets import store
from explorer.system import settings
from pages.ui.kit import identity, messages, teacher

FOREIGN = "the data set '{:.80}' is of somebody else, who does not share it"


def hidden(me: str) -> frozenset[str]:
    """The names of the data sets that this person does not see."""
    return frozenset(it.name for it in store.listing().values() if it.owner and it.owner != me and not it.shared)


def foreign() -> frozenset[str]:
    """The names of the data sets that this visitor does not see; a teacher who has given a password sees all."""
    if settings.guarded() and teacher.admitted():
        return frozenset()
    return hidden(identity.me())


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
