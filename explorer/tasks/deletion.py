"""Deleting a data set of somebody's own: what was computed on it goes with it, unless models were trained on it."""

from explorer import runs
from explorer.errors import Refused
from explorer.runs import Busy, Run

NAMED = 5  # trainings in a sentence


def checked_jobs(name: str) -> list[Run]:
    """The jobs about a data set or a model of this name, where it may go or become another.

    Raises `Refused` where models were trained on it, which mean nothing without their data, and while a job about it is
    running.
    """
    jobs = [it for it in runs.listing(None, shipped=False) if name in it.spec.models or it.spec.dataset == name]
    trained = [it.title for it in jobs if it.spec.kind == "train"]
    if trained:
        named = ", ".join(f"'{title}'" for title in trained[:NAMED]) + (" …" if len(trained) > NAMED else "")
        raise Refused(f"'{name}' is the data of trainings ({named}): delete these first")
    if job := next((it for it in jobs if it.held()), None):
        raise _busy(job, name)
    return jobs


def delete_jobs(name: str) -> None:
    """Remove the maps, scores and other jobs about it, but no training; raises `Refused` as `checked_jobs` does."""
    for job in checked_jobs(name):  # before the data: what is running would lose them
        try:
            runs.delete(job.id, among=())
        except Busy:
            raise _busy(job, name) from None
        except (Refused, FileNotFoundError):  # it is gone by now
            continue


def _busy(job: Run, name: str) -> Busy:
    rule = "stop it or wait for its end, then delete or replace them"
    return Busy(f"'{job.title}' is running on '{name}': {rule}")
