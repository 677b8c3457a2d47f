"""How much of the memory a network may take on the device where it is trained beside other work."""

from explorer.models.devices import device
from explorer.system import settings
from explorer.system.memory import free, taken, words

__all__ = ["LIMIT", "allowed", "words"]

LIMIT = 4 * 2**30  # bytes that the process may hold on a processor, unless EXPLORER_MEMORY says more or less


def allowed() -> int:
    """The bytes that a step may take on this device."""
    where = device()
    room = free(where)
    if where.type == "cuda" or settings.given("MEMORY") is not None:
        return room
    return min(room, LIMIT - taken(where))
