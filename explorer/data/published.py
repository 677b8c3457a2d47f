"""Published data sets in torchvision's own files: where they lie under the data root, and how they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer import Refused
from explorer.data.dataset import Images
from explorer.data.idx import read_idx
from explorer.data.raw import Raw

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
SYSTEM = Path("/usr/share/datasets")  # where packages of the operating system put data sets, such as Debian's
BATCHES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch", "batches.meta")


@dataclass(frozen=True)
class Published:
    """A data set that torchvision downloads; `read(root)` reads its files."""

    title: str
    summary: str
    source: str
    size: int
    channels: int
    classes: tuple[str, ...]
    torchvision: str  # the name of torchvision's class
    folder: str  # below the data root
    files: tuple[str, ...]
    archives: tuple[str, ...]  # what is downloaded
    addresses: tuple[str, ...]  # tried in this order, each followed by the archive's name
    megabytes: int  # of all archives
    read: Callable[[Path], Raw]
    package: str = ""  # its folder below `SYSTEM`, where a package of the operating system may have put its files

    def by_hand(self, root: Path) -> str:
        """What a user without a network can do with the archives."""
        archives = ", ".join(self.archives)
        if ".tar" in archives:
            return f"unpack {archives} into {root}"
        package = f" (or install Debian's package dataset-{self.package})" if self.package else ""
        return f"put {archives} into {root / self.folder}{package}"

    def present(self, root: Path) -> list[Path]:
        """The files of this set below `root`, else those of a system's package; an empty list if one is missing."""
        folders = [root / self.folder, *([SYSTEM / self.package] if self.package else [])]
        return next(filter(None, (_all_files(folder, self.files) for folder in folders)), [])


def _all_files(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """These files of a folder, plain or `.gz`; an empty list if one is missing."""
    choices = [(folder / name, folder / f"{name}.gz") for name in names]
    paths = [next((path for path in pair if path.is_file()), None) for pair in choices]
    return [] if None in paths else paths


def _read_idx_set(set_: Published, root: Path) -> Raw:
    """The four IDX files of MNIST and its relatives."""
    paths = set_.present(root)
    train, test = _split(paths[0], paths[1], len(set_.classes)), _split(paths[2], paths[3], len(set_.classes))
    return Raw(set_.classes, {"train": train, "test": test})


def _split(images: Path, labels: Path, classes: int) -> Images:
    x, y = read_idx(images, 3), read_idx(labels, 1).astype(np.int64)
    if len(x) != len(y):
        counts = f"{images} holds {len(x):,} images but {labels.name} {len(y):,} labels"
        raise Refused(f"{counts}; they must match: delete both and download the data set again")
    if len(y) == 0 or y.max() >= classes:
        counts = f"{labels} holds {len(y):,} labels up to {y.max(initial=0)}"
        raise Refused(f"{counts}; they must be 0 to {classes - 1}: delete it and download the data set again")
    return Images(x[:, None], y, {})


def read_fashion_mnist(root: Path) -> Raw:
    """Fashion-MNIST from its IDX files."""
    return _read_idx_set(PUBLISHED["fashion_mnist"], root)


def read_mnist(root: Path) -> Raw:
    """MNIST from its IDX files."""
    return _read_idx_set(PUBLISHED["mnist"], root)


def read_cifar10(root: Path) -> Raw:
    """CIFAR-10 through torchvision, which unpickles only files whose checksum it knows."""
    from explorer.system.torchvision import torchvision

    def split(train: bool) -> Images:
        data = torchvision().datasets.CIFAR10(root, train=train)
        return Images(data.data.transpose(0, 3, 1, 2), np.array(data.targets, np.int64), {})

    try:
        return Raw(PUBLISHED["cifar10"].classes, {"train": split(True), "test": split(False)})
    except RuntimeError as error:
        folder = root / PUBLISHED["cifar10"].folder
        raise Refused(
            f"{folder} is damaged: its checksums are not CIFAR-10's; delete it and download the data set again"
        ) from error


PUBLISHED = {
    "fashion_mnist": Published(
        title="Fashion-MNIST",
        summary="70,000 pictures of clothes, 28×28 grey, ten kinds. Validation is cut from the training images.",
        source="Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747 (MIT)",
        size=28,
        channels=1,
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        torchvision="FashionMNIST",
        folder="FashionMNIST/raw",
        files=IDX,
        archives=tuple(f"{name}.gz" for name in IDX),
        addresses=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        megabytes=31,
        read=read_fashion_mnist,
        package="fashion-mnist",
    ),
    "mnist": Published(
        title="MNIST",
        summary="70,000 handwritten digits, 28×28 grey. Validation is cut from the training images.",
        source="LeCun et al. 1998, Gradient-based learning applied to document recognition (research use)",
        size=28,
        channels=1,
        classes=tuple("0123456789"),
        torchvision="MNIST",
        folder="MNIST/raw",
        files=IDX,
        archives=tuple(f"{name}.gz" for name in IDX),
        addresses=("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
        megabytes=12,
        read=read_mnist,
    ),
    "cifar10": Published(
        title="CIFAR-10",
        summary="60,000 photographs, 32×32 colour, ten kinds. Validation is cut from the training images.",
        source="Krizhevsky 2009, Learning multiple layers of features from tiny images (research use)",
        size=32,
        channels=3,
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        torchvision="CIFAR10",
        folder="cifar-10-batches-py",
        files=BATCHES,
        archives=("cifar-10-python.tar.gz",),
        addresses=("https://www.cs.toronto.edu/~kriz/",),
        megabytes=171,
        read=read_cifar10,
    ),
}
