"""What has to be said beside the accuracies of a transfer: how images were changed, what was not there to learn.

Torch-free.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.evaluation.arms import TransferConfig, titles
from explorer.evaluation.statistics import percent

if TYPE_CHECKING:
    from explorer.data import DataSet

NAMED = 3  # classes that a sentence names


def notes(
    dataset: "DataSet", shape: Sequence[int], cfg: TransferConfig, outcomes: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Sentences, each about one thing; `shape` is that of an image as the network is given it, empty if it has none."""
    return [*_images(dataset, shape), *_classes(dataset, cfg), *_training(cfg, outcomes), *_choice(dataset, outcomes)]


def _images(dataset: "DataSet", shape: Sequence[int]) -> Iterator[str]:
    if dataset.modality != "image" or len(shape) != 3:
        return
    channels, side = shape[0], shape[-1]
    if dataset.channels < channels:
        yield "The grey images are given to the network as three equal colours."
    if dataset.channels > channels:
        yield "The network is one for grey images: it is given the brightness of the colours."
    if dataset.size < side:
        yield f"Images of {dataset.size}x{dataset.size} pixels are enlarged to the network's {side}x{side}."


def _classes(dataset: "DataSet", cfg: TransferConfig) -> Iterator[str]:
    training = ("train", "validation") if cfg.train_on_validation else ("train",)
    known = sum(np.bincount(dataset.splits[split].y, minlength=len(dataset.classes)) for split in training)
    tested = np.bincount(dataset.splits["test"].y, minlength=len(dataset.classes))
    names = np.array(dataset.classes)
    if (absent := (known == 0) & (tested > 0)).any():
        count = f"{int(tested[absent].sum()):,} test images"
        yield f"No training image of {_some(names[absent])}: no variant can name it, and its {count} count as mistakes."
    if (known == 1).any():
        yield f"One training image of {_some(names[known == 1])}."
    if (empty := (tested == 0) & (known > 0)).any():
        yield f"No test image of {_some(names[empty])}: how it is named is not measured."
    most = max((int(amount) for amount in cfg.amounts if amount.isdecimal()), default=0)
    if (few := (known > 1) & (known < most)).any():
        least = int(known[few].min())
        yield f"{_some(names[few])}: fewer than {most:,} training images ({least:,}), and all of them are used."


def _training(cfg: TransferConfig, outcomes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    smallest = min((each["n_train"] for each in outcomes), default=cfg.batch)
    if smallest < cfg.batch:
        yield f"{smallest:,} labelled images are fewer than a batch of {cfg.batch:,}: each epoch is then a single step."
    if cfg.augment and "frozen" in cfg.arms:
        draws = min(cfg.draws, cfg.epochs)
        yield f"Frozen: {draws} augmented draws of each image are stored and seen in turn; others draw in every epoch."
    for arm in dict.fromkeys(each["arm"] for each in outcomes if each.get("diverged")):
        rate = cfg.head_lr if arm == "frozen" else max(cfg.lr, cfg.head_lr)
        yield f"{titles()[arm]}: the loss became infinite with a learning rate of {rate:g}; choose a smaller one."


def _choice(dataset: "DataSet", outcomes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What choosing the best epoch on the very images that test it does to the figure."""
    n = len(dataset.splits["test"].y)
    for each in outcomes[-len({each["arm"] for each in outcomes}) :]:
        if "chosen_accuracy" in each:
            best, honest, last = (
                percent(each[name], n) for name in ("chosen_accuracy", "test_accuracy", "last_accuracy")
            )
            yield (
                f"{titles()[each['arm']]}: the best epoch names {best} of the {n:,} images that chose it; with each "
                f"half of them tested by the epoch that the other half chose it is {honest}, in the last epoch {last}."
            )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(map(str, names[:NAMED]))
    return f"{shown} and {len(names) - NAMED:,} more" if len(names) > NAMED else shown
