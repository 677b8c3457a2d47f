"""What a run occupies of a worker, and what has to be said where no worker has as much.

A training takes a slot, everything else the desk, where a map does not wait for a training. Where a worker of the
cluster offers GPUs, a training asks for as many slots and GPUs as it has devices, and so comes to a machine that has
them; where there are only processors it asks for one slot, whose cores its devices share.
"""

from collections.abc import Collection, Mapping

from explorer.runs import Run

Offer = Mapping[str, float]  # what one worker has: {"slot": 2, "desk": 1, "GPU": 2}


def pool(run: Run) -> str:
    """Where a run is worked on."""
    return "slot" if run.spec.kind == "train" else "desk"


def devices(run: Run) -> int:
    """On how many devices a run trains at once."""
    return max(1, int(run.spec.train.get("devices") or 1))


def needs(run: Run, offers: Collection[Offer]) -> dict[str, int]:
    """The Dask resources that a run asks for."""
    if pool(run) == "desk":
        return {"desk": 1}
    n = devices(run) if any(offer.get("GPU") for offer in offers) else 1
    return {"slot": n, "GPU": n} if any(offer.get("GPU") for offer in offers) else {"slot": n}


def lack(needed: Mapping[str, int], offers: Collection[Offer]) -> str:
    """Why no worker can take a run, and what to do; empty if one can."""
    if any(all(offer.get(name, 0) >= n for name, n in needed.items()) for offer in offers):
        return ""
    if missing := [name for name in needed if not any(offer.get(name) for offer in offers)]:
        return (
            f"No worker offers a {missing[0]}: start one with python -m explorer.engine worker ADDRESS, "
            'or give dask worker the option --resources "slot=1 desk=1".'
        )
    largest = max(offers, key=lambda offer: [offer.get(name, 0) for name in reversed(needed)])
    has = _words({name: largest.get(name, 0) for name in needed})
    return (
        f"It needs {_words(needed)} of one worker, and the largest has {has}: "
        "start a worker that offers as much, or train on fewer devices."
    )


def _words(amounts: Mapping[str, float]) -> str:
    return " and ".join(f"{n:g} {name}{'' if n == 1 else 's'}" for name, n in amounts.items())
