"""The healthy twin of a training that was broken on purpose is made once, however many ask for it at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from explorer import runs
from explorer.engine.home import home
from explorer.runs import Busy, Run, locks
from explorer.tasks import requests

PATIENCE = 5.0  # seconds for another one to be queued


@contextmanager
def sole_control_run(id: str) -> Iterator[Run | None]:
    """The healthy twin that there is, unless it failed or was stopped; if none, nobody else makes one in this block.

    Raises `Refused` where nothing is broken: of a healthy training, twins are the broken ones.
    """
    requests.restored_spec(id)
    with ExitStack() as stack:
        try:
            stack.enter_context(locks.hold(home() / "twin.lock", wait=PATIENCE))
        except Busy:
            raise Busy("another healthy twin is being queued: ask for this one again in a moment") from None
        found = requests.control_runs(requests.known_training(id), runs.listing("train"))
        yield next((run for run in found if run.status.state not in ("failed", "stopped")), None)
