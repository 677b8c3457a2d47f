"""The control groups of this process, in which Linux limits and counts what containers and services take."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CONTROL_GROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc")


def folders(kind: str = "memory") -> Iterator[Path]:
    """Their folders, from each group up to the root's: of the second version, and of `kind` of the first."""
    with suppress(OSError):
        for line in (PROC / "self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds == "" or kind in kinds.split(","):
                root = CONTROL_GROUPS / (kind if kinds else "")
                own = root / path.lstrip("/")
                yield from (folder for folder in (own, *own.parents) if folder.is_relative_to(root))


def table(path: Path, separator: str | None = None) -> dict[str, int]:
    """Lines of a name and a number."""
    rows = (line.replace(separator or " ", " ").split() for line in path.read_text().splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) > 1}
