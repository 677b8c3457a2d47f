"""Weights files: safetensors that say themselves what they are; and those that a run's reference names."""

import json
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as packed
from torch import Tensor

from explorer.core import Config, DataSpec, Method, TrainConfig
from explorer.errors import Refused
from explorer.methods import METHODS
from explorer.models.build import architecture, fresh, network
from explorer.models.kinds.run import LAST_ALONE, WEIGHTS
from explorer.models.model import Network
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.runs.records import format_of

OPENINGS = 10
FORMAT = 3  # of weights files: 1 packed the fields of `DataSpec` by order, and said `knobs`; 2 knew images alone


def pack(method: Method, cfg: TrainConfig, data_hash: str, half: bool = False) -> bytes:
    """A weights file: safetensors that say themselves what they are, and from which images they were learned."""
    about = {
        "format": FORMAT,
        "method": method.info.name,
        "hyperparameters": method.cfg.model_dump(),
        "train": cfg.model_dump(),
        "data": asdict(method.spec),
        "hash": data_hash,
    }
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in method.state_dict().items()}
    tensors = {name: _half(tensor) for name, tensor in tensors.items()} if half else tensors
    return packed(tensors, {"unfold": json.dumps(about)})


def in_half(path: Path) -> bytes:
    """The content of a weights file in half precision; whoever loads it gets float32 again."""
    with safe_open(path, "pt") as file:
        tensors = {name: _half(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
        return packed(tensors, file.metadata())


def is_half(path: Path) -> bool:
    """Whether the weights at `path` are stored in half precision."""
    with safe_open(path, "pt") as file:
        return any(file.get_slice(name).get_dtype() == "F16" for name in file.keys())  # noqa: SIM118 - no mapping


def _half(tensor: Tensor) -> Tensor:
    """The same numbers with 11 bits, unless they are too large for that, or counts."""
    small = tensor.half() if tensor.is_floating_point() else tensor
    return small if small.isfinite().all() else tensor


def restore(path: Path, trained: bool = True) -> tuple[Method, TrainConfig]:
    """The method whose weights lie at `path`; `trained=False` gives it as it was before its first step.

    Raises `Refused` where they cannot be read, and `FileNotFoundError` where they are gone.
    """
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {}).get("unfold", "null"))
            if about is None:
                raise Refused(f"{path.name} holds weights of another program: choose a file written by Unfold")
            format_of(about, f"{path.parent.name}/{path.name}", FORMAT)
            weights = {name: file.get_tensor(name) for name in file.keys()} if trained else {}  # noqa: SIM118 - no mapping
    except (FileNotFoundError, Refused):
        raise
    except (SafetensorError, OSError, ValueError) as error:
        raise Refused(f"the weights {path.parent.name}/{path.name} cannot be read ({error}): train it again") from None
    about = upgraded(about)
    cfg = TrainConfig.read(still_known(TrainConfig, about["train"]), "training")
    hyperparameters = still_known(METHODS.choose(about["method"]).Config, about["hyperparameters"])
    method = fresh(about["method"], hyperparameters, cfg, data_spec(about["data"]))
    try:
        method.load_state_dict(weights or method.state_dict())
    except RuntimeError:
        raise Refused(f"{path.parent.name} is from another version of {about['method']}: train it again") from None
    return method, cfg


def upgraded(about: dict[str, Any]) -> dict[str, Any]:
    """What a weights file of any format says of itself, under the names of today."""
    format = about.get("format", 1)
    if format < 2:
        data = dict(zip(("name", "channels", "size", "classes", "rows"), about["data"], strict=True))
        about = {**about, "hyperparameters": about["knobs"], "data": data}
    if format < 3:
        data = about["data"]
        images = {"modality": "image", "shape": (data["channels"], data["size"], data["size"])}
        about = {**about, "data": {**data, **images}}
    return about


def data_spec(about: dict[str, Any]) -> DataSpec:
    """The data that a network was made for; fields that this version does not know are left aside."""
    known = {field.name: about[field.name] for field in fields(DataSpec) if field.name in about}
    return DataSpec(**{**known, "shape": tuple(about["shape"]), "classes": tuple(about["classes"])})


def still_known(config: type[Config], hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """The hyperparameters that there still are: a run of an older version opens."""
    return {name: value for name, value in hyperparameters.items() if name in config.model_fields}


def path_of(ref: ModelRef, run: Run) -> Path:
    """The newest intact weights that a run's reference names; raises `Refused` if there are none."""
    if ref.which not in ("", *WEIGHTS):
        name = ref.name
        raise Refused(f"no weights '{ref.which}' of {name}; choose from {name}@best, {name}@last, {name}@0")
    which = "best" if ref.which == "best" else "last"
    path = run.weights(which)
    if path is None and run.has_weights(which):
        raise Refused(f"the weights of {run.id} are damaged, and so are those before them: train it again")
    if path is None and which == "best" and run.status.final and run.has_weights("last"):
        raise Refused(LAST_ALONE.format(run.id))
    if path is None:
        what = "best weights" if which == "best" else "weights"
        raise Refused(
            f"{run.id} has no {what}, it is {run.status.state}: choose another model, or wait for its first epoch"
        )
    return path


def load_run(ref: ModelRef, run: Run) -> Network:
    """The network of a run; its title says which weights, and whether newer ones are damaged."""
    suffix = {"0": " before its first step", "best": ", best weights"}.get(ref.which, "")
    path, method, train = _opened(ref, run)
    if path != run.newest_weights("best" if ref.which == "best" else "last") and run.status.final:
        suffix += f" of step {int(path.parent.name)}" if path.parent.name.isdecimal() else " of before"
        suffix += " (newer ones are damaged)"
    recipe = f"{method.info.name} {method.cfg.model_dump()} {architecture(train)}"
    return network(str(ref), run.title + suffix, method, train, recipe)


def _opened(ref: ModelRef, run: Run) -> tuple[Path, Method, TrainConfig]:
    """The weights and their method; a run that still learns may replace them while they are being opened."""
    for _ in range(OPENINGS):
        with suppress(FileNotFoundError):
            path = path_of(ref, run)
            return path, *restore(path, trained=ref.which != "0")
    raise Refused(f"the weights of {ref} change too quickly to be read: try again, or wait until the run has ended")
