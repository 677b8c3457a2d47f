"""Packages that a projection needs, which a machine that only trains may lack."""

from collections.abc import Iterator
from contextlib import contextmanager

from explorer.errors import Refused


@contextmanager
def needed(package: str, name: str, projection: str) -> Iterator[None]:
    """Raises `Refused` where the module `name` of a package is not installed; any other error passes."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise Refused(
            f"{projection} needs the package {package}, which is not installed: "
            "run 'pip install -r requirements.txt' or choose another projection"
        ) from None
