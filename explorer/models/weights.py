"""Weights files: safetensors that say themselves what they are; and those that a run's reference names."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as packed

from explorer import Refused, runs
from explorer.core import Config, DataSpec, Method, TrainConfig
from explorer.methods import METHODS
from explorer.models.build import fresh


def pack(method: Method, cfg: TrainConfig, data_hash: str) -> bytes:
    """A weights file: safetensors that say themselves what they are, and from which images they were learned."""
    about = {
        "method": method.info.name,
        "knobs": method.cfg.model_dump(),
        "train": cfg.model_dump(),
        "data": method.spec,
        "hash": data_hash,
    }
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in method.state_dict().items()}
    return packed(tensors, {"unfold": json.dumps(about)})


def restore(path: Path, trained: bool = True) -> tuple[Method, TrainConfig]:
    """The method whose weights lie at `path`; `trained=False` gives it as it was before its first step.

    Raises `Refused` where they cannot be read, and `FileNotFoundError` where they are gone.
    """
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {}).get("unfold", "null"))
            if about is None:
                raise Refused(f"{path.name} holds weights of another program: choose a file that Unfold wrote")
            weights = {name: file.get_tensor(name) for name in file.keys()} if trained else {}  # noqa: SIM118 - no mapping
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError) as error:
        raise Refused(f"the weights {path.parent.name}/{path.name} cannot be read ({error}): train it again") from None
    name, channels, size, classes, rows = about["data"]
    cfg = TrainConfig.read(still_known(TrainConfig, about["train"]), "training")
    knobs = still_known(METHODS.choose(about["method"]).Config, about["knobs"])
    method = fresh(about["method"], knobs, cfg, DataSpec(name, channels, size, tuple(classes), rows))
    try:
        method.load_state_dict(weights or method.state_dict())
    except RuntimeError:
        raise Refused(f"{path.parent.name} is from another version of {about['method']}: train it again") from None
    return method, cfg


def still_known(config: type[Config], knobs: dict[str, Any]) -> dict[str, Any]:
    """The knobs that there still are: a run of an older version opens."""
    return {name: value for name, value in knobs.items() if name in config.model_fields}


def weights(ref: str) -> Path:
    """The newest intact weights that a run's reference names; raises `Refused` if there are none."""
    name, _, which = ref.partition("@")
    if which not in ("", "last", "best", "0"):
        raise Refused(f"no weights '{which}' of {name}; choose from {name}@best, {name}@last, {name}@0")
    run = runs.get(name)
    which = "best" if which == "best" else "last"
    path = run.weights(which)
    if path is None and run.has_weights(which):
        raise Refused(f"the weights of {name} are damaged, and so are those before them: train it again")
    if path is None:
        kind = "best weights" if which == "best" else "weights"
        raise Refused(
            f"{name} has no {kind}, it is {run.status.state}: choose another model, or wait for its first epoch"
        )
    return path
