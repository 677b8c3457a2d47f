"""What has to be said beside the scores of a data set: copies of training images, and classes without images."""

from collections.abc import Sequence

import numpy as np

from explorer.data.dataset import DataSet
from explorer.data.layouts import UNTRAINED, split_of
from explorer.data.modalities import DISPLAYS

NAMED = 5  # classes in a sentence


def of_scores(dataset: DataSet, classes: tuple[str, ...] = ()) -> list[str]:
    """Sentences about a score on the test images of these classes (of all: none named); mostly there is none."""
    return [*filter(None, (rule(dataset, classes) for rule in (_copied, _untested, _untrained, _left_out)))]


def copies(dataset: DataSet, split: str, classes: tuple[str, ...] = ()) -> str:
    """A sentence if some images of a split are training images, too; else empty."""
    pairs = dataset.copies.get(split, {}).get("train", np.empty((0, 2), np.int64))
    own, train = (np.isin(dataset.splits[it].y, _kept(dataset, classes)) for it in (split, "train"))
    n, kind = int((own[pairs[:, 0]] & train[pairs[:, 1]]).sum()), DISPLAYS[dataset.modality]
    if not n:
        return ""
    are = f"is an exact copy of a training {kind.one}" if n == 1 else f"are exact copies of training {kind.many}"
    have = f"{n:,} of the {own.sum():,} {split} {kind.many} {are}"
    return f"{have}, so a score on them overstates the accuracy on new {kind.many}."


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c; of many the first few."""
    rest = len(names) - NAMED
    shown = [*names[:NAMED], f"{rest} more"] if rest > 1 else [*names]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _copied(dataset: DataSet, classes: tuple[str, ...]) -> str:
    return copies(dataset, "test", classes)


def _untested(dataset: DataSet, classes: tuple[str, ...]) -> str:
    """A sentence if the test images lack a class that the training images have."""
    train, test = _counts(dataset, classes)
    missing = [dataset.classes[label] for label in np.flatnonzero((train > 0) & (test == 0))]
    if not missing:
        return ""
    many = DISPLAYS[dataset.modality].many
    return f"There are no test {many} of {listed(missing)}: the scores do not say how well {_it(missing)} recognised."


def _untrained(dataset: DataSet, classes: tuple[str, ...]) -> str:
    """A sentence if the training images lack a class that the test images have."""
    train, test = _counts(dataset, classes)
    labels = np.flatnonzero((train == 0) & (test > 0))
    if not len(labels):
        return ""
    names, many = [dataset.classes[label] for label in labels], DISPLAYS[dataset.modality].many
    return (
        f"There are no training {many} of {listed(names)}: all {test[labels].sum():,} test {many} of "
        f"{'this class' if len(names) == 1 else 'these classes'} count as errors."
    )


def _left_out(dataset: DataSet, classes: tuple[str, ...]) -> str:
    """A sentence if files were left out because the training images lack their class."""
    names = [_folder(out.path) for out in dataset.left_out if out.why == UNTRAINED]
    if not names or classes:
        return ""
    return (
        f"{len(names):,} images of {listed(sorted(set(names)))} are left out, because the training images lack "
        f"{'this class' if len(set(names)) == 1 else 'these classes'}: the scores do not count them."
    )


def _kept(dataset: DataSet, classes: tuple[str, ...]) -> list[int]:
    return [dataset.classes.index(name) for name in dataset.kept(classes)]


def _counts(dataset: DataSet, classes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """How many training and test images each class has `[K]`; classes that are not asked for have none."""
    asked = np.isin(np.arange(len(dataset.classes)), _kept(dataset, classes))
    train, test = (np.bincount(dataset.splits[it].y, minlength=len(asked)) * asked for it in ("train", "test"))
    return train, test


def _folder(path: str) -> str:
    """The class folder of a file in a split folder."""
    parts = path.split("/")
    at = next((at for at, part in enumerate(parts) if split_of(part)), -1) + 1
    while at < len(parts) - 2 and split_of(parts[at]):  # folders that wrap the classes
        at += 1
    return parts[min(at, len(parts) - 1)]


def _it(names: Sequence[str]) -> str:
    return "it is" if len(names) == 1 else "they are"
