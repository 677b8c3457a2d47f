"""How much of what people bring is kept: for one browser, and for all together, as EXPLORER_UPLOAD_* says."""

from collections.abc import Iterable

from explorer import Refused
from explorer.moments import amount
from explorer.system import settings


def check(
    owner: str, more: int, kept: Iterable[tuple[str, int]], what: str, all_what: str, way_out: tuple[str, str]
) -> None:
    """Raises `Refused` where so many bytes more are too many beside those that are kept, each with its owner.

    `what` takes the bytes; the two ways out are for one's own limit and for that of `all_what` together.
    """
    kept = list(kept)
    own, browser = sum(size for whose, size in kept if whose == owner), settings.megabytes("UPLOAD_BROWSER")
    every, total = sum(size for _, size in kept), settings.megabytes("UPLOAD_TOTAL")
    if owner and own + more > browser:  # the command line is who has set the limits
        left = f"{amount(max(0, browser - own))} of your {amount(browser)} are free"
        raise Refused(f"{what} {amount(more)}, and {left}: {way_out[0]}")
    if every + more > total:
        left = f"{amount(max(0, total - every))} of the {amount(total)} for all {all_what} together are free"
        raise Refused(f"{what} {amount(more)}, and {left}: {way_out[1]}")
