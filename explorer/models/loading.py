"""One way to load any model: a run, a shipped model, an untrained encoder, raw pixels, PCA (see `reference`)."""

from explorer.data import DataSet
from explorer.errors import Refused
from explorer.models.kind import KINDS
from explorer.models.model import Model
from explorer.models.reference import ModelRef


def load(ref: str | ModelRef, dataset: DataSet | None = None) -> Model:
    """The model of a reference; one that is made from data needs the data set that it is about."""
    ref = ModelRef.parse(ref) if isinstance(ref, str) else ref
    if ref.made_from_data and dataset is None:
        raise Refused(f"{ref} is made from a data set: name one")
    return KINDS[ref.kind].load(ref, dataset)
