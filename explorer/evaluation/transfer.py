"""What a representation is worth elsewhere: the same few labels, three ways to use an encoder.

`frozen` trains a linear head on features that are computed once; `finetune` trains head and encoder; `scratch` trains
the same network from its first weights. "Frozen" means eval mode: batch-norm statistics and dropout stand still.
"""

import copy
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer import Refused
from explorer.core import DataSpec, eager, generator, reseed, seeded
from explorer.data import DataSet
from explorer.evaluation.arms import TransferConfig
from explorer.evaluation.probes import check_classes
from explorer.models.devices import device
from explorer.models.geometry import network_input
from explorer.models.model import Model


class Learner(nn.Module):
    """One arm: an encoder (None if its features were computed before) and a linear head on standardised features."""

    def __init__(
        self, encoder: nn.Module | None, dim: int, classes: int, cfg: TransferConfig, spec: DataSpec | None = None
    ) -> None:
        super().__init__()
        self.encoder, self.spec = encoder, spec
        with seeded(cfg.seed):
            self.head = nn.Linear(dim, classes)
        self.norm = nn.BatchNorm1d(dim, affine=False)  # codes of any scale meet the same head
        groups = [{"params": list(self.head.parameters()), "lr": cfg.head_lr}]
        if encoder is not None:
            groups.append({"params": list(encoder.parameters()), "lr": cfg.lr})
        self.optimizer = torch.optim.Adam(groups, fused=True)

    def forward(self, x: Tensor) -> Tensor:
        """Scores `[B, classes]` of features `[B, dim]`, or of images `uint8` where there is an encoder."""
        return self.head(self.norm(x if self.encoder is None else self.features(x)))

    def features(self, x: Tensor) -> Tensor:
        """The representation of images `uint8`, brought to the encoder's geometry."""
        return self.encoder.embed(network_input(x, self.spec))

    def learn(self, x: Tensor, y: Tensor, rows: Tensor, batch: int) -> float:
        """One epoch in the order of `rows`; the mean loss in nats."""
        self.train()
        total = 0.0
        for chunk in _batches(rows, batch):
            loss = F.cross_entropy(self(x[chunk]), y[chunk])
            self.optimizer.zero_grad()
            loss.backward()
            eager.step(self.optimizer)
            total += loss.item() * len(chunk)
        self.standardise(x)
        return total / len(rows)

    @torch.inference_mode()
    def standardise(self, x: Tensor) -> None:
        """Take the statistics of the norm from all training images as the encoder sees them now.

        A mean over the steps would be that of features which have moved since, and a few labels make few steps.
        """
        self.eval()
        features = torch.cat([part if self.encoder is None else self.features(part) for part in x.split(500)])
        self.norm.running_mean.copy_(features.mean(0))
        self.norm.running_var.copy_(features.var(0))

    @torch.inference_mode()
    def predict(self, x: Tensor) -> Tensor:
        """The class `[N]` that it names for each image."""
        self.eval()
        return torch.cat([self(part).argmax(1) for part in x.split(500)])

    def accuracy(self, x: Tensor, y: Tensor) -> float:
        """Share of images whose class it names."""
        return float((self.predict(x) == y).sum()) / len(y)


def _batches(rows: Tensor, batch: int) -> list[Tensor]:
    """Chunks of nearly equal size: none has a single image, which batch norm cannot take."""
    return list(rows.tensor_split(max(1, min(-(-len(rows) // batch), len(rows) // 2))))


def transfer(model: Model, dataset: DataSet, cfg: TransferConfig) -> Iterator[dict]:
    """A row per arm and epoch with `train_loss` and `val_accuracy`; the last rows hold each arm's `test_accuracy`, and
    the classes that it has `predicted` for the test images `[N]`.

    The test split is touched once, by the weights of the last epoch: nothing is chosen on it or on the validation rows.
    """
    if not model.can_train and set(cfg.arms) != {"frozen"}:
        raise Refused(f"{model.title} has no weights to train: choose arms=frozen, or a trained model")
    check_classes(dataset)
    rows = labelled(dataset.splits["train"].y, len(dataset.classes), cfg)
    watched = dataset.probe()[0]
    splits = dataset.splits
    used = {"train": rows, "validation": watched, "test": None}  # None: all rows
    truth = {split: _on_device(_rows(splits[split].y, at)) for split, at in used.items()}
    inputs = _inputs(model, dataset, used, cfg)
    learners = {arm: _learner(model, arm, inputs[arm]["train"], len(dataset.classes), cfg) for arm in cfg.arms}
    for epoch in range(1, cfg.epochs + 1):
        order = torch.randperm(len(rows), generator=generator(cfg.seed, "transfer order", epoch))
        for arm, learner in learners.items():
            reseed(cfg.seed, "transfer dropout", epoch)
            loss = learner.learn(inputs[arm]["train"], truth["train"], order, cfg.batch)
            accuracy = learner.accuracy(inputs[arm]["validation"], truth["validation"])
            yield {"arm": arm, "epoch": epoch, "train_loss": loss, "val_accuracy": accuracy}
    for arm, learner in learners.items():
        predicted = learner.predict(inputs[arm]["test"])
        accuracy = float((predicted == truth["test"]).sum()) / len(predicted)
        yield {"arm": arm, "test_accuracy": accuracy, "predicted": predicted.tolist()}


def _inputs(
    model: Model, dataset: DataSet, used: dict[str, np.ndarray | None], cfg: TransferConfig
) -> dict[str, dict[str, Tensor]]:
    """For each arm what it sees of the used rows of each split: features that never change, or the images."""
    features, images = {}, {}
    for split, rows in used.items():
        if "frozen" in cfg.arms:
            features[split] = _on_device(model.features(dataset, split, rows))
        if set(cfg.arms) - {"frozen"}:
            images[split] = _on_device(_rows(dataset.splits[split].x, rows))
    return {arm: features if arm == "frozen" else images for arm in cfg.arms}


def _rows(array: np.ndarray, rows: np.ndarray | None) -> np.ndarray:
    return array if rows is None else array[rows]


def _on_device(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(array)).to(device())


def labelled(y: np.ndarray, classes: int, cfg: TransferConfig) -> np.ndarray:
    """The rows of `labels_per_class` images of each class (all of a class that has fewer)."""
    order = torch.randperm(len(y), generator=generator(cfg.seed, "labelled")).numpy()
    return np.sort(np.concatenate([order[y[order] == c][: cfg.labels_per_class] for c in range(classes)]))


def _learner(model: Model, arm: str, x: Tensor, classes: int, cfg: TransferConfig) -> Learner:
    if arm == "frozen":
        return Learner(None, x.shape[1], classes, cfg).to(device())
    encoder = copy.deepcopy(model.module) if arm == "finetune" else model.rebuild(cfg.seed)
    learner = Learner(encoder.requires_grad_(True), model.dim, classes, cfg, model.spec)
    return learner.to(device(), memory_format=torch.channels_last)
