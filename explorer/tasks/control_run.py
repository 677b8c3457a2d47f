"""The control run of an ablation is trained once, however many ask for it at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from explorer import runs
from explorer.engine.home import home
from explorer.runs import Busy, Run, locks
from explorer.tasks import ablation, lookup

PATIENCE = 5.0  # seconds for another control run to be queued


@contextmanager
def sole_control_run(id: str) -> Iterator[Run | None]:
    """The control run that exists, unless it failed or was stopped; if None, nobody else creates one in this block.

    Raises `Refused` for a training without ablations: `control_runs` of such a training are its ablations.
    """
    ablation.restored_spec(id)
    with ExitStack() as stack:
        try:
            # the file keeps its older name: processes of before take the same lock
            stack.enter_context(locks.hold(home() / "twin.lock", wait=PATIENCE))
        except Busy:
            raise Busy("another control run is being queued: ask for this one again in a moment") from None
        existing = ablation.control_runs(lookup.known_training(id), runs.listing("train"))
        yield next((run for run in existing if run.status.state not in ("failed", "stopped")), None)
