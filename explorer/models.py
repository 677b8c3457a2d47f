"""One way to load any model: a run, a shipped checkpoint, an untrained encoder, raw pixels, PCA.

References: a run's or a shipped model's folder name (its last weights), `NAME@best`, `NAME@0` (the same network before
its first step), `random` or `random:ENCODER`, `pixels`, `pca` or `pca:COMPONENTS`.
"""

import json
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as packed
from torch import Tensor

from explorer import Refused, runs
from explorer.augment import GREY
from explorer.core import ENCODERS, Config, DataSpec, Method, MethodConfig, TrainConfig, drawn_from, pixels, unit
from explorer.data import DataSet
from explorer.methods import METHODS
from explorer.nn import builder
from explorer.references import REFERENCES
from explorer.references import references as references

OPENINGS = 10


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit_geometry(x: Tensor, channels: int, size: int) -> Tensor:
    """Images `[N, C, H, W]` in [0, 1] as a network wants them: shorter side to size, centre crop, grey or colour."""
    if x.shape[1] != channels:
        x = (
            torch.einsum("nchw,c->nhw", x, torch.tensor(GREY).to(x))[:, None]
            if channels == 1
            else x.expand(-1, 3, -1, -1)
        )
    height, width = x.shape[2:]
    if min(height, width) != size:
        scale = size / min(height, width)
        x = F.interpolate(x, [round(height * scale), round(width * scale)], mode="bilinear", antialias=True)
    top, left = (x.shape[2] - size) // 2, (x.shape[3] - size) // 2
    return x[:, :, top : top + size, left : left + size]


# ------------------------------------------------------------------------------------------------ models


class Model(ABC):
    """Anything with an embedding. Arrays in, arrays out: images are `uint8 [N, C, H, W]`, codes `float32 [N, D]`."""

    decodes = False

    def __init__(self, ref: str, title: str) -> None:
        self.ref, self.title = ref, title

    @abstractmethod
    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """The representation `[N, D]` of images of any size."""


class Pixels(Model):
    """The image itself, flattened: what every representation must beat."""

    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """`[N, C*H*W]` in [0, 1]."""
        return np.asarray(x).reshape(len(x), -1).astype(np.float32) / 255


class Components(Model):
    """The first principal components of the training pixels (at most 10,000 images)."""

    def __init__(self, ref: str, title: str, dataset: DataSet, components: int) -> None:
        super().__init__(ref, title)
        from sklearn.decomposition import PCA

        images, _ = dataset.select("train", subset=10_000)
        flat = images.x.reshape(len(images.x), -1).astype(np.float32) / 255
        self.shape = images.x.shape[1:]
        self.pca = PCA(min(components, *flat.shape), svd_solver="randomized", random_state=0).fit(flat)
        self.decodes = True

    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """`[N, components]`."""
        x = fit_geometry(unit(torch.from_numpy(np.array(x))), self.shape[0], self.shape[-1])
        return self.pca.transform(x.flatten(1).numpy()).astype(np.float32)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images that these components add up to."""
        flat = torch.from_numpy(self.pca.inverse_transform(z).astype(np.float32))
        return pixels(flat.view(len(z), *self.shape)).numpy()


class Network(Model):
    """A method's network in eval mode."""

    def __init__(self, ref: str, title: str, method: Method, train: TrainConfig) -> None:
        super().__init__(ref, title)
        self.method = method.eval().to(device(), memory_format=torch.channels_last)
        self.train, self.spec = train, method.spec
        self.decodes = type(method).decode is not Method.decode

    def images(self, x: np.ndarray) -> Tensor:
        """The images as this network wants them, on its device."""
        return fit_geometry(unit(torch.from_numpy(np.array(x)).to(device())), self.spec.channels, self.spec.size)

    @cached_property
    def dim(self) -> int:
        """Numbers in one representation."""
        return self.embed(np.zeros((1, self.spec.channels, self.spec.size, self.spec.size), np.uint8)).shape[1]

    @torch.inference_mode()
    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """What the method calls its representation."""
        parts = [self.method.embed(self.images(x[i : i + batch])).float().cpu() for i in range(0, len(x), batch)]
        return torch.cat(parts).numpy()

    @torch.inference_mode()
    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images `uint8` of these codes."""
        return pixels(self.method.decode(torch.from_numpy(np.asarray(z, np.float32)).to(device()))).cpu().numpy()


# ----------------------------------------------------------------------------------- making and keeping


def fresh(method: str, knobs: dict[str, Any], cfg: TrainConfig, spec: DataSpec) -> Method:
    """A method before its first step, drawn from the run's seed; raises `Refused` where the data does not fit."""
    cls = METHODS.choose(method)
    config = cls.knobs(knobs)
    check_fit(method, config, cfg, spec)
    with drawn_from(cfg.seed):
        return cls(config, spec, builder(ENCODERS[cfg.encoder], cfg.width, spec))


def check_fit(method: str, knobs: MethodConfig, cfg: TrainConfig, spec: DataSpec) -> str:
    """Raises `Refused` with the rule that these images break, the method's, its knobs' or the encoder's.

    Returns what is to be said of knobs that are allowed but do on these images what nobody would expect; else nothing.
    """
    cls = METHODS[method]
    if rule := cls.info.needs.unmet(spec):
        raise Refused(f"{method} {rule}: choose another data set")
    least = ENCODERS[cfg.encoder].min_size
    if spec.size < least:
        raise Refused(f"encoder {cfg.encoder} needs at least {least}x{least} pixels, not {spec.size}: raise size")
    if rule := cls.unfit(knobs, spec, cfg):
        raise Refused(f"{method} {rule}")
    said = knobs.remark(spec)
    return f"{method} {said}" if said else ""


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


def load(ref: str, dataset: DataSet | None = None) -> Model:
    """The model of a reference; `pixels`, `pca` and `random` need the data set that they are about."""
    kind, _, more = ref.partition(":")
    if kind not in REFERENCES:
        return _run(ref)
    if dataset is None:
        raise Refused(f"{ref} is made from a data set: name one")
    return {"pixels": _pixels, "pca": _components, "random": _untrained}[kind](ref, more, dataset)


def _pixels(ref: str, more: str, dataset: DataSet) -> Model:
    if more:
        raise Refused(f"no model '{ref}': pixels takes no number; choose pixels, or pca:{more}")
    return Pixels(ref, "Raw pixels")


def _components(ref: str, more: str, dataset: DataSet) -> Model:
    if more and not (more.isdigit() and 1 <= int(more) <= 1024):
        raise Refused(f"no model '{ref}': give 1 to 1024 components, as in pca:32")
    components = int(more or 32)
    return Components(ref, f"PCA, {components} components", dataset, components)


def _untrained(ref: str, more: str, dataset: DataSet) -> Model:
    spec = DataSpec(dataset.name, dataset.channels, dataset.size, dataset.classes, len(dataset.splits["train"].x))
    train = TrainConfig.read({"encoder": more or "conv"}, "training")
    method = fresh("supervised", {}, train, spec)  # any method: no step is made
    return Network(ref, f"Untrained {train.encoder}", method, train)


def _run(ref: str) -> Network:
    name, _, which = ref.partition("@")
    try:
        run = runs.get(name)
    except Refused:
        choices = [*REFERENCES, *(run.id for run in runs.listing())]
        raise Refused(f"no model '{name}'; choose from {', '.join(choices[:20])}") from None
    more = {"0": " before its first step", "best": ", best weights"}.get(which, "")
    path, *opened = _opened(ref, trained=which != "0")
    if path != run.newest_weights("best" if which == "best" else "last") and run.status.final:
        more += f" of step {int(path.parent.name)}" if path.parent.name.isdecimal() else " of before"
        more += " (newer ones are damaged)"
    return Network(ref, run.title + more, *opened)


def _opened(ref: str, trained: bool) -> tuple[Path, Method, TrainConfig]:
    """The weights and their method; a run that still learns may replace them while they are being opened."""
    for _ in range(OPENINGS):
        with suppress(FileNotFoundError):
            path = weights(ref)
            return path, *restore(path, trained)
    raise Refused(f"the weights of {ref} change too quickly to be read: try again, or wait until the run has ended")
