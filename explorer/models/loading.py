"""One way to load any model: a run, a shipped model, an untrained encoder, raw pixels, PCA (see `reference`)."""

from explorer.data import DataSet
from explorer.errors import Refused
from explorer.models.kind import KINDS
from explorer.models.model import Architecture, Model
from explorer.models.reference import ModelRef


def load(ref: str | ModelRef, dataset: DataSet | None = None) -> Model:
    """The model of a reference; one that is made from data needs the data set that it is about.

    Raises `Refused` where the model cannot look at that data set: it is of another modality.
    """
    ref = ModelRef.parse(ref) if isinstance(ref, str) else ref
    if ref.made_from_data and dataset is None:
        raise Refused(f"{ref} is computed from a data set: name one")
    kind = KINDS[ref.kind]
    if kind.modality:
        check_modality(ref, kind.modality, dataset)
    model = kind.load(ref, dataset)
    check_modality(ref, model.modality, dataset)
    return model


def architecture(ref: str | ModelRef, dataset: DataSet | None = None) -> Architecture:
    """The network of a reference, of which no number counts: a pretrained one is neither read nor need be here.

    Raises `Refused` where the model has no weights that another task may move.
    """
    ref = ModelRef.parse(ref) if isinstance(ref, str) else ref
    if found := KINDS[ref.kind].architecture(ref):
        return found
    model = load(ref, dataset)
    if not model.can_train:
        raise Refused(f"{model.title} has no weights to train: choose arms=frozen, or a trained model")
    return Architecture(model.module, model.spec)


def check_modality(ref: ModelRef, modality: str, dataset: DataSet | None) -> None:
    """Raises `Refused` where a model of this modality cannot look at the data set."""
    if dataset is not None and dataset.modality != modality:
        wrong = f"{ref} takes {modality} data, and {dataset.name} is {dataset.modality} data"
        raise Refused(f"{wrong}: choose a model that has learned from {dataset.modality} data")
