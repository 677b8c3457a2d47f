"""Whose a run is."""

from explorer import people
from explorer.runs import Run
from pages.ui.kit import identity, teacher


def mine(run: Run) -> bool:
    """Whether a run is this visitor's; nobody's are those of the command line and of browsers without cookies."""
    return bool(run.spec.user) and run.spec.user == identity.me()


def may_change(run: Run) -> bool:
    """Whether this visitor may stop or delete a run: their own, and as a teacher everybody's."""
    return mine(run) or teacher.admitted()


def of_command_line(run: Run) -> bool:
    """Whether a run was started without a name: by the command line."""
    return not run.spec.user and not run.shipped


def whose(run: Run) -> str:
    """Who has started a run: yours, a nickname, or the command line."""
    return "yours" if mine(run) else people.name(run.spec.user)
