"""What is made of a whole training needs one that has ended."""

from explorer import runs
from explorer.errors import Refused
from explorer.models.reference import ModelRef


def check_ended(ref: ModelRef, what: str) -> None:
    """Raises `Refused` unless it is a training that has ended, named without certain weights."""
    run = ref.run or runs.get(str(ref))
    if ref.which:
        raise Refused(f"{what} is made of a whole run: export {run.id}, without @{ref.which}")
    if not run.status.final:
        raise Refused(f"{run.id} is {run.status.state}: stop it, or wait until it has ended, and export it then")
