"""What a worker offers, what a run occupies of it, and what has to be said where no worker has as much.

There are two pools: trainings wait for each other in the one, and nothing else waits for them, since it has the other.
Where a worker of the cluster offers GPUs, a training asks for as many training slots and GPUs as it has devices, and so
comes to a machine that has them; where there are only processors it asks for one slot, whose cores its devices share.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress

from explorer.engine.home import home
from explorer.runs import Run, Spec
from explorer.system import settings
from explorer.system.machine import gpus

Offer = Mapping[str, float]  # what one worker has: {"training": 2, "interactive": 1, "GPU": 2}
POOLS = ("training", "interactive")
RENAMED = {"slot": "training", "desk": "interactive"}  # as workers were started before
UNITS = {"training": "training slot", "interactive": "interactive slot"}


def current_names(offer: Offer) -> dict[str, float]:
    """What a worker offers, also one that was started by a command line with the names of before."""
    return {RENAMED.get(name, name): n for name, n in offer.items()}


def slots() -> int:
    """How many trainings may run at once on this machine."""
    return int(settings.given("SLOTS") or len(gpus()) or 1)


def offer() -> dict[str, int]:
    """What this machine offers.

    Where there are more slots than GPUs, trainings share them (`gpu_locks.reserve`), and so each counts as often as it
    may.
    """
    cuda = {"GPU": max(slots(), len(gpus()))} if gpus() else {}
    return {"training": slots(), "interactive": 1, **cuda}


def remember(offers: Collection[Offer]) -> None:
    """Keeps for the estimates what all workers together offer."""
    totals = {name: sum(offer.get(name, 0) for offer in offers) for name in (*POOLS, "GPU")}
    with suppress(OSError):
        (home() / "offers.json").write_text(json.dumps(totals))


def capacity(pool: str) -> int:
    """How many slots there are in a pool, as the workers said when last asked."""
    return max(1, _total(pool))


def occupied(spec: Spec) -> int:
    """How many slots of its pool a run occupies: as many as it has devices, where these are GPUs."""
    n = _devices(spec)
    return n if n > 1 and _total("GPU") else 1


def _total(name: str) -> int:
    """What all workers together offer of a resource, as they said when last asked; else what this machine does."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        return int(json.loads((home() / "offers.json").read_bytes())[name])
    return offer().get(name, 0)


def devices(run: Run) -> int:
    """On how many devices a run trains at once."""
    return _devices(run.spec)


def _devices(spec: Spec) -> int:
    return max(1, int(spec.train.get("devices") or 1))


def needs(run: Run, offers: Collection[Offer]) -> dict[str, int]:
    """The Dask resources that a run asks for."""
    pool = run.spec.pool
    if pool != "training":
        return {pool: 1}
    n = devices(run) if any(offer.get("GPU") for offer in offers) else 1
    return {pool: n, "GPU": n} if any(offer.get("GPU") for offer in offers) else {pool: n}


def lack(needed: Mapping[str, int], offers: Collection[Offer]) -> str:
    """Why no worker can take a run, and what to do; empty if one can."""
    if any(all(offer.get(name, 0) >= n for name, n in needed.items()) for offer in offers):
        return ""
    if missing := [name for name in needed if not any(offer.get(name) for offer in offers)]:
        return (
            f"No worker offers a {UNITS.get(missing[0], missing[0])}: start one with python -m explorer.engine worker "
            'ADDRESS, or give dask worker the option --resources "training=1 interactive=1".'
        )
    largest = max(offers, key=lambda offer: [offer.get(name, 0) for name in reversed(needed)])
    has = _words({name: largest.get(name, 0) for name in needed})
    return (
        f"It needs {_words(needed)} of one worker, and the largest has {has}: "
        "start a worker that offers as much, or train on fewer devices."
    )


def _words(amounts: Mapping[str, float]) -> str:
    return " and ".join(f"{n:g} {UNITS.get(name, name)}{'' if n == 1 else 's'}" for name, n in amounts.items())
