"""Finished vectors as a model: there is no network."""

import numpy as np

from explorer import Refused
from explorer.data import DataSet
from explorer.data.vectors import store
from explorer.models.batches import BATCH
from explorer.models.model import Model


class FinishedVectors(Model):
    """Vectors that were computed elsewhere, by the rows of their data set; there is no network."""

    can_embed = False
    keeps_features = False

    def __init__(self, ref: str, title: str, modality: str) -> None:
        super().__init__(ref, title)
        self.modality = modality  # pictures of the rows, or the vectors themselves

    def features(self, dataset: DataSet, split: str, rows: np.ndarray | None = None) -> np.ndarray:
        """The vectors float32 `[N, D]` of rows of its data set."""
        at = dataset.splits[split].factors[store.ROW]
        return np.array(store.vectors(self.ref)[at if rows is None else at[np.asarray(rows)]])

    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """Rows that are vectors are their own features; of new pictures there are none."""
        if self.modality != "vector":
            raise Refused(f"{self.title} are finished vectors: there is no network that could embed other images")
        return np.asarray(x, np.float32)
