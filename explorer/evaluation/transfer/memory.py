"""What an encoder still knows of the data it was trained on while another task moves it: a rate too large unlearns."""

import numpy as np
import torch
from torch import nn

from explorer.core import DataSpec
from explorer.data import DataSet
from explorer.data.dataset import balanced, numpy_generator
from explorer.evaluation.probes.knn import predict
from explorer.models.batches import BATCH, pass_size
from explorer.models.devices import device
from explorer.models.geometry import network_input

BANK, QUERIES = 1000, 500  # images: a look at them after every epoch shall cost less than the epoch


class SourceMemory:
    """The kNN accuracy on the source's own images, of an encoder as it is now: training images vote on validation ones.

    Two draws of the same images have the same: it changes with the encoder alone.
    """

    def __init__(self, source: DataSet, spec: DataSpec) -> None:
        self.source, self.spec = source, spec
        self.rows = {
            split: balanced(source.splits[split].y, n, numpy_generator(source.source, f"memory/{split}"))
            for split, n in (("train", BANK), ("validation", QUERIES))
        }

    @torch.inference_mode()
    def __call__(self, encoder: nn.Module) -> float:
        """The accuracy in [0, 1], in eval mode."""
        encoder.eval()
        bank, queries = (self._features(encoder, split) for split in self.rows)
        y = {split: self.source.splits[split].y[rows] for split, rows in self.rows.items()}
        named = predict(bank, torch.from_numpy(y["train"]), queries).numpy()
        return float((named == y["validation"]).mean())

    def _features(self, encoder: nn.Module, split: str) -> torch.Tensor:
        x, rows = self.source.splits[split].x, self.rows[split]
        step = pass_size(self.spec.size, device()) if self.spec.modality == "image" else BATCH
        parts = (np.array(x[rows[start : start + step]]) for start in range(0, len(rows), step))
        inputs = (network_input(torch.from_numpy(part).to(device()), self.spec) for part in parts)
        return torch.cat([encoder.embed(each).float().cpu() for each in inputs])
