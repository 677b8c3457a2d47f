"""Whose a run is."""

from explorer.runs import Run
from pages.ui.kit import identity


def mine(run: Run) -> bool:
    """Whether a run is this browser's; the command line's are everybody's."""
    return run.spec.user in ("", identity.me())
