"""How much memory is free for this process: on the machine, in its control group, or on a GPU."""

import resource
from collections.abc import Iterator
from contextlib import suppress

import torch

from explorer.system import cgroups, settings

# of both versions of control groups: the limit, the use, and the part of it that the kernel gives back when asked
FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def free(where: torch.device) -> int:
    """The bytes that this process may still take on a device."""
    if where.type == "cuda":
        unused = torch.cuda.memory_reserved(where) - torch.cuda.memory_allocated(where)  # torch has taken, and holds it
        left = torch.cuda.mem_get_info(where)[0] + unused
        return max(0, min(left, _budget(torch.cuda.memory_allocated(where))))
    return max(0, min([_machine(), _process(), _budget(_own_pages()), *_groups()]))


def taken(where: torch.device) -> int:
    """The bytes that this process holds of what `free` counts."""
    return torch.cuda.memory_allocated(where) if where.type == "cuda" else _pages(virtual=_limit() is not None)


def _budget(used: int) -> int:
    """What EXPLORER_MEMORY, in GiB, leaves of the memory that a process may take of its device."""
    budget = settings.given("MEMORY")
    return 2**62 if budget is None else int(budget * 2**30) - used


def _own_pages() -> int:
    """The bytes in memory that are this process's alone; pages of files can be dropped, and do not count."""
    with suppress(OSError):
        _, resident, shared = (cgroups.PROC / "self/statm").read_text().split()[:3]
        return (int(resident) - int(shared)) * resource.getpagesize()
    return 0


def _limit() -> int | None:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _pages(virtual: bool) -> int:
    """The bytes of this process: all that it has reserved, or what of it is in memory; 0 where nothing says so."""
    with suppress(OSError):
        return int((cgroups.PROC / "self/statm").read_text().split()[0 if virtual else 1]) * resource.getpagesize()
    return 0


def _machine() -> int:
    """What Linux can give without swapping; elsewhere there is no limit that we know of."""
    with suppress(OSError, KeyError):
        return cgroups.table(cgroups.PROC / "meminfo", ":")["MemAvailable"] * 1024
    return 2**62


def _process() -> int:
    """What `ulimit -v` leaves."""
    limit = _limit()
    return 2**62 if limit is None else limit - _pages(virtual=True)


def _groups() -> Iterator[int]:
    """What each control group leaves that this process is in, from its own up to the root's."""
    for folder in cgroups.folders():
        for limit, use, cache in FILES:
            with suppress(OSError, ValueError):  # "max" is no number: no limit
                most, used = (int((folder / name).read_text()) for name in (limit, use))
                yield most - used + cgroups.table(folder / "memory.stat").get(cache, 0)


def words(size: float) -> str:
    """Bytes for people."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size / unit:,.0f} {name}"
    return "less than 1 MiB"
