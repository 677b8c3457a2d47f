"""One way to load any model: a run, a shipped checkpoint, an untrained encoder, raw pixels, PCA.

References: a run's or a shipped model's folder name (its last weights), `NAME@best`, `NAME@0` (the same network before
its first step), `random` or `random:ENCODER`, `pixels`, `pca` or `pca:COMPONENTS`.
"""

from contextlib import suppress
from pathlib import Path

from explorer import Refused, runs
from explorer.core import DataSpec, Method, TrainConfig
from explorer.data import DataSet
from explorer.models.build import fresh
from explorer.models.kinds import Components, Pixels
from explorer.models.model import Model, Network
from explorer.models.reference import REFERENCES
from explorer.models.weights import restore, weights

OPENINGS = 10


def load(ref: str, dataset: DataSet | None = None) -> Model:
    """The model of a reference; `pixels`, `pca` and `random` need the data set that they are about.

    Raises `Refused` where the model cannot look at that data set: it is of another kind.
    """
    kind, _, more = ref.partition(":")
    if kind not in REFERENCES:
        model = _run(ref)
        _check_modality(ref, model.spec.modality, dataset)
        return model
    if dataset is None:
        raise Refused(f"{ref} is made from a data set: name one")
    _check_modality(ref, "image", dataset)
    return {"pixels": _pixels, "pca": _components, "random": _untrained}[kind](ref, more, dataset)


def _check_modality(ref: str, modality: str, dataset: DataSet | None) -> None:
    if dataset is not None and dataset.modality != modality:
        wrong = f"{ref} looks at {modality} data, and {dataset.name} is {dataset.modality} data"
        raise Refused(f"{wrong}: choose a model that has learned from {dataset.modality} data")


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
    spec = DataSpec.of(dataset, dataset.classes, len(dataset.splits["train"].x))
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
