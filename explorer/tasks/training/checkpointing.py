"""What the checkpoint of a training holds, how it is taken up, and what has to be said where that is not exact."""

import io
import platform
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load

from explorer import Refused
from explorer.models import weights
from explorer.models.devices import arithmetic
from explorer.runs import Run, checkpoints
from explorer.train import Fit

WORDS = {
    "torch": "torch {}",
    "python": "Python {}",
    "threads": "{} threads",
    "devices": "{} devices",
}


def pack(fit: Fit, course: dict[str, Any]) -> dict[str, bytes]:
    """The files of a checkpoint: the weights, which anybody can load, and the rest of what a resume needs."""
    state = {name: value for name, value in fit.state().items() if name != "method"}
    resume = io.BytesIO()
    torch.save({**state, "shape": shape(fit), "environment": environment(fit), "course": course}, resume)
    return {
        checkpoints.WEIGHTS: weights.pack(fit.method, fit.cfg, fit.data.hash),
        checkpoints.RESUME: resume.getvalue(),
    }


def resume(run: Run, fit: Fit) -> dict[str, Any]:
    """Take up a training at its last intact checkpoint; returns the course that it had taken."""
    folder, damage = run.checkpoint(), checkpoints.damage(run.folder)
    if folder is None and damage:
        damage = "Its checkpoints were damaged: it started again from step 0."
    state = read(folder, fit.data.device) if folder else {}
    differs = ""
    if state:
        check(run, fit, state)
        before = state.get("environment") or {**run.spec.versions, "data": state["data"]}
        differs = difference(before, environment(fit))
        take_up(fit, state)
    known = caveat = run.status.caveat
    for more in (damage.rstrip("."), differs):
        caveat = caveat if more in caveat else "; ".join(filter(None, [caveat, more]))
    if caveat != known:
        run.update(caveat=caveat)
    run.rewind(fit.t if fit.t else -1)
    return state.get("course", {})


def accompany(run: Run, fit: Fit) -> None:
    """What a rank does that is not the first: the same steps from the same checkpoint, and nothing to write."""
    if folder := run.checkpoint():
        take_up(fit, read(folder, fit.data.device))
    for _ in fit:
        pass


def read(folder: Path, device: torch.device) -> dict[str, Any]:
    """All that `Fit.load` wants; the weights are those that anybody can load."""
    state = torch.load(io.BytesIO((folder / checkpoints.RESUME).read_bytes()), device, weights_only=True)
    return state if "method" in state else {**state, "method": load((folder / checkpoints.WEIGHTS).read_bytes())}


def take_up(fit: Fit, state: dict[str, Any]) -> None:
    """Set the training to where it was; raises `Refused` where the checkpoint is of another network."""
    try:
        fit.load(state)
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, ValueError, KeyError):
        raise Refused("its checkpoint is of another version of this method: train it again") from None


def check(run: Run, fit: Fit, state: dict[str, Any]) -> None:
    """Raises `Refused` where the training's images have become others that its steps do not fit."""
    then, now = state.get("shape", {}), shape(fit)
    if other := [f"{then[name]} {name}, now {now[name]}" for name in now if then.get(name, now[name]) != now[name]]:
        raise Refused(f"{run.spec.dataset} has changed ({', '.join(other)}): train again on it")


def shape(fit: Fit) -> dict[str, Any]:
    """What must be the same of the images for a training to go on."""
    return {"images": len(fit.data), "classes": len(fit.data.classes)}


def environment(fit: Fit) -> dict[str, Any]:
    """What decides the last bits of every number."""
    versions = {"torch": release(torch.__version__), "python": platform.python_version()}
    numbers = {"threads": torch.get_num_threads(), "devices": fit.ranks.world}
    place = {"device": arithmetic(fit.data.device), "data": fit.data.hash}
    return {**versions, **numbers, **place}


def difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Why the steps from here on are not the ones that there would have been; empty if they are."""
    if "torch" in before:
        before = {**before, "torch": release(before["torch"])}  # earlier ones named the build
    changed = [name for name in now if before.get(name, now[name]) != now[name]]
    words = [WORDS.get(name, "{}").format(f"{before[name]} → {now[name]}") for name in changed if name != "data"]
    words += ["the images have changed"] * ("data" in changed)
    return f"not bit-exact: {', '.join(words)}" if words else ""


def release(version: str) -> str:
    """The release of a version such as 2.13.0+cu130, without its build, which is not named everywhere."""
    return str(version).partition("+")[0]
