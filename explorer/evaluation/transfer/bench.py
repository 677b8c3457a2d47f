"""A transfer: all its arms on the same images, the same labels and the same seeds, one training after the other."""

import copy
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer import Refused
from explorer.core import generator, reseed, seeded
from explorer.data import DataSet
from explorer.evaluation.arms import ARMS, TransferConfig
from explorer.evaluation.probes import check_classes
from explorer.evaluation.transfer import step_memory
from explorer.evaluation.transfer.cells import Cell, cells
from explorer.evaluation.transfer.heads import new_head
from explorer.evaluation.transfer.labels import labelled
from explorer.evaluation.transfer.learner import Learner, Named
from explorer.evaluation.transfer.sample import Drawn, Sample, crops
from explorer.evaluation.transfer.selection import Selection
from explorer.models.batches import BATCH, batch_size, pass_size
from explorer.models.devices import device
from explorer.models.model import Model

Watch = Callable[[torch.nn.Module], float]


def transfer(
    model: Model, dataset: DataSet, cfg: TransferConfig, done: int = 0, watch: Watch | None = None
) -> Iterator[dict[str, Any]]:
    """A row per epoch of each training with `train_loss` and `val_accuracy`; after each training a row with its
    `test_accuracy`, and for the test images `[N]` the classes it has `predicted` and with which `confidence`.

    All rows say the `arm`, the `labels`, the `seed`, and how many numbers were `trainable`. The first `done` trainings
    are left out. The test split is touched once, by the weights of the last epoch or by those that the validation
    images chose; where the options make it the images that choose, see `selection`. `watch` measures an encoder after
    every epoch. Raises `Refused` where there is nothing to train or nothing to tell apart.
    """
    if not model.can_train and any(ARMS[arm].moves(1, cfg) for arm in cfg.arms):
        raise Refused(f"{model.title} has no weights to train: choose arms=frozen, or a trained model")
    check_classes(dataset)
    bench = Bench(model, dataset, cfg)
    most = max(len(bench.rows(Cell(amount, cfg.seed, cfg.arms[0]))) for amount in cfg.amounts)
    step_memory.check(model, cfg, len(dataset.classes), most)
    for cell in cells(cfg)[done:]:
        yield from bench.train(cell, watch)


class Bench:
    """What the trainings of a transfer share: the images, the draws of labels, and the features of the frozen encoder.

    The encoder is passed once over all images that any training needs, once for each augmented draw.
    """

    def __init__(self, model: Model, dataset: DataSet, cfg: TransferConfig) -> None:
        self.model, self.dataset, self.cfg = model, dataset, cfg
        every = {split: np.arange(len(images.y)) for split, images in dataset.splits.items()}
        self.pool = Sample(dataset, {split: every[split] for split in cfg.training_splits})
        self.test = Sample(dataset, {"test": every["test"]})
        watched = {"validation": dataset.probe()[0]}
        self.watched = self.test if cfg.train_on_validation else Sample(dataset, watched)
        self.y = torch.from_numpy(self.pool.y).to(device())

    def on(self, cfg: TransferConfig) -> "Bench":
        """The same with other options, and with the frozen features of this one, whichever of both has them computed.

        `cfg` may ask for no labels and no draws that this one does not need.
        """
        _ = self.needed, self._features
        other = copy.copy(self)
        other.cfg = cfg
        return other

    # ------------------------------------------------------------------------------------------ what is seen

    def rows(self, cell: Cell) -> np.ndarray:
        """The labelled images of a training, as places in the pool."""
        return labelled(self.pool.y, len(self.dataset.classes), cell.amount, cell.seed)

    @cached_property
    def needed(self) -> dict[int | None, np.ndarray]:
        """By seed the places of all images that its trainings are given, ascending; under None those of all seeds."""
        by_seed: dict[int | None, np.ndarray] = {}
        for cell in cells(self.cfg):
            for key in (cell.seed, None):
                by_seed[key] = np.union1d(by_seed.get(key, []), self.rows(cell)).astype(int)
        return by_seed

    def features(self, rows: np.ndarray, epoch: int, seed: int) -> Tensor:
        """The frozen features of labelled images, in this epoch's draw of the seed if they are augmented; epoch 0: as
        they are.
        """
        draw = 1 + (epoch - 1) % self.cfg.draws if self.cfg.augment and epoch else 0
        key = (seed, draw) if draw else (None, 0)
        needed = self.needed[key[0]]
        if key not in self._features:
            pool = self.pool
            drawn = pool.drawn(getattr(self.model, "spec", None), seed, draw) if draw else pool
            self._features[key] = self.pass_once(drawn, needed)
        return _tensor(self._features[key][np.searchsorted(needed, rows)])

    def pass_once(self, sample: Sample | Drawn, at: np.ndarray) -> np.ndarray:
        """The frozen features of some places, ascending: from the cache where they were computed before."""
        return sample.features(self.model, at)

    @cached_property
    def _features(self) -> dict[tuple[int | None, int], np.ndarray]:
        return {}

    @cached_property
    def _watched(self) -> Tensor:
        return _tensor(self.pass_once(self.watched, np.arange(len(self.watched))))

    @cached_property
    def _test(self) -> Tensor:
        test = self.test
        return self._watched if test is self.watched else _tensor(self.pass_once(test, np.arange(len(test))))

    # ------------------------------------------------------------------------------------------ one training

    def train(self, cell: Cell, watch: Watch | None) -> Iterator[dict[str, Any]]:
        """A row per epoch, and one for the end."""
        cfg, rows = self.cfg, self.rows(cell)
        learner, about = self.learner(cell, rows), {"arm": cell.arm, "labels": cell.amount, "seed": cell.seed}
        selection, trainable = Selection(cfg.keep, self.watched.y), 0
        for epoch in range(1, cfg.epochs + 1):
            learner.begin(epoch)
            loss = self.learn(learner, rows, epoch, cell.seed)
            named = self.name(learner, self.watched)
            selection.see(epoch, named, learner)
            row = about | {"epoch": epoch, "train_loss": loss if np.isfinite(loss) else None,
                           "val_accuracy": selection.accuracy, "trainable": learner.trainable}  # fmt: skip
            if watch and learner.movable:
                row["source_accuracy"] = watch(learner.encoder)
            trainable = max(trainable, learner.trainable)
            yield row
            if not np.isfinite(loss):
                break
        whole = {"trainable": trainable, "n_train": len(rows), "diverged": not np.isfinite(loss)}
        yield about | whole | self.outcome(learner, selection)

    def outcome(self, learner: Learner, selection: Selection) -> dict[str, Any]:
        """What the test images say, and what the choice of the epoch has done to the figure."""
        if self.watched is self.test:
            found, predicted, confidence = selection.on_the_same_images()
        else:
            selection.restore(learner)
            named = self.name(learner, self.test)
            found, predicted, confidence = selection.facts(), *(each.cpu().numpy() for each in named)
        accuracy = float((predicted == self.test.y).mean())
        return found | {"test_accuracy": accuracy, "predicted": predicted, "confidence": confidence}

    def learner(self, cell: Cell, rows: np.ndarray) -> Learner:
        """The arm of a training before its first step, on the device; its first weights are those of the seed."""
        arm, cfg, model = ARMS[cell.arm], self.cfg, self.model
        moves = model.can_train and arm.moves(1, cfg)
        encoder = None
        if moves:
            encoder = copy.deepcopy(model.module) if arm.pretrained else model.rebuild(cell.seed)
            encoder = encoder.requires_grad_(True).to(device(), memory_format=torch.channels_last)
        with seeded(cell.seed):
            head = new_head(model, self.width, len(self.dataset.classes), cfg.head)
            if moves:
                arm.prepare(encoder, cfg)
        return Learner(cell.arm, encoder, head, cfg, getattr(model, "spec", None)).to(device())

    @cached_property
    def width(self) -> int:
        """Numbers in one representation."""
        at = self.needed[None][:1]
        return self.model.dim if self.model.can_train else self.pool.features(self.model, at).shape[1]

    def learn(self, learner: Learner, rows: np.ndarray, epoch: int, seed: int) -> float:
        """One epoch; on stored features where nothing of the encoder learns and none of it has learned before."""
        order = torch.randperm(len(rows), generator=generator(seed, "transfer order", epoch)).numpy()
        reseed(seed, "transfer dropout", epoch)
        frozen = not learner.moved
        z = self.features(rows, epoch, seed) if frozen else None
        loss = learner.learn(self.batches(learner, rows, order, z, (seed, epoch)), frozen)
        if not self.looked_at(epoch):
            return loss
        shuffled = chunks(rows[order], most_at_once(learner))
        learner.restate(_tensor(self.pool[some]) for some in shuffled)  # read only where a norm has learned
        if learner.standardises:
            learner.standardise(self.features(rows, 0, seed) if frozen else self.represented(learner, self.pool, rows))
        return loss

    def looked_at(self, epoch: int) -> bool:
        """Whether anything is measured after an epoch: only then its norms need statistics of all images."""
        return epoch == self.cfg.epochs or len(self.watched) > 0 or self.cfg.watch_source

    def batches(
        self, learner: Learner, rows: np.ndarray, order: np.ndarray, z: Tensor | None, address: tuple[int, int]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """What an epoch goes through: features where they are given, else images, augmented if they are to be."""
        for step, chunk in enumerate(chunks(order, self.cfg.batch)):
            y = self.y[rows[chunk]]
            if z is not None:
                yield z[chunk], y
            elif self.cfg.augment:
                rng = generator(address[0], "crops", address[1], step)
                yield crops(torch.from_numpy(self.pool[rows[chunk]]), learner.spec, rng).to(device()), y
            else:
                yield _tensor(self.pool[rows[chunk]]), y

    def name(self, learner: Learner, sample: Sample) -> Named:
        """The classes that an arm as it is now names for all images of a sample."""
        if not len(sample):
            return Named(torch.empty(0, dtype=torch.long), torch.empty(0))
        if not learner.moved:
            return learner.name(self._watched if sample is self.watched else self._test)
        at = np.arange(len(sample))
        parts = [learner.name(learner.represent(_tensor(sample[some]))) for some in self.passes(learner, at)]
        return Named(*map(torch.cat, zip(*parts, strict=True)))

    def represented(self, learner: Learner, sample: Sample, at: np.ndarray) -> Tensor:
        """The features of images by an encoder that has moved."""
        return torch.cat([learner.represent(_tensor(sample[some])) for some in self.passes(learner, at)])

    @staticmethod
    def passes(learner: Learner, at: np.ndarray) -> list[np.ndarray]:
        """Places, as many at once as fit through the network."""
        step = BATCH if side_of(learner) == 0 else pass_size(side_of(learner), device())
        return [at[start : start + step] for start in range(0, len(at), step)]


def most_at_once(learner: Learner) -> int:
    """How many images fit through its network at once: as many as norms can take their statistics from."""
    return batch_size(side_of(learner))


def side_of(learner: Learner) -> int:
    """The pixels of a side of what its network looks at; 0 where that is no image."""
    return learner.spec.size if learner.spec and learner.spec.modality == "image" else 0


def chunks(order: np.ndarray, batch: int) -> list[np.ndarray]:
    """Places `[N]` in chunks of nearly equal size: none has a single image, which batch norm cannot take."""
    return np.array_split(order, max(1, min(-(-len(order) // batch), len(order) // 2)))


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(array)).to(device())
