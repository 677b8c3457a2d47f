"""The published sets: their own files are read and checked."""

import gzip

import numpy as np
import pytest

from explorer import Refused, data
from explorer.data import published
from tests.data.image_cases import batches, clothes, idx, put


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [(np.zeros(39, np.uint8), "holds 40 images but .* 39 labels"), (np.full(40, 10, np.uint8), "must be 0 to 9")],
)
def test_labels_that_do_not_fit_are_refused(root, labels, sentence):
    put(root / "FashionMNIST/raw", clothes() | {"train-labels-idx1-ubyte": idx(labels)})
    with pytest.raises(Refused, match=sentence):
        data.load("fashion_mnist")
    assert list((data.cache_root() / "data").iterdir()) == []


def test_cifar10_is_read_from_torchvisions_own_files(root, monkeypatch):
    content = batches(root / "cifar-10-batches-py", monkeypatch)
    assert data.catalogue()["cifar10"].kind == "download"
    found = data.load("cifar10")
    assert (found.splits["test"].x.reshape(20, -1) == content["data"]).all()
    assert len(found.splits["train"].y) + len(found.splits["validation"].y) == 100


def test_a_cifar10_file_with_another_checksum_is_refused_before_it_is_unpickled(root, monkeypatch):
    batches(root / "cifar-10-batches-py", monkeypatch)
    evil = b"cbuiltins\nexec\n(S'raise SystemExit'\ntR."
    put(root / "cifar-10-batches-py", {"data_batch_3": evil})
    with pytest.raises(Refused, match="cifar-10-batches-py is damaged: its checksums are not CIFAR-10's"):
        data.load("cifar10")


def test_the_addresses_are_torchvisions_own():
    from explorer.system.torchvision import torchvision

    sets = torchvision().datasets
    for name in ("fashion_mnist", "mnist"):
        here = published.PUBLISHED[name]
        there = getattr(sets, here.torchvision)
        assert list(here.addresses) == there.mirrors
        assert list(here.archives) == [name for name, _ in there.resources]
    cifar10 = published.PUBLISHED["cifar10"]
    assert cifar10.addresses[0] + cifar10.archives[0] == sets.CIFAR10.url


@pytest.mark.parametrize(
    ("name", "folder", "mean", "std", "first"),
    [
        ("fashion_mnist", "FashionMNIST/raw", 0.2860, 0.3530, [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]),
        ("mnist", "MNIST/raw", 0.1307, 0.3081, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]),
    ],
)
def test_the_real_idx_sets_hold_their_known_values(real, name, folder, mean, std, first):
    real(folder)
    raw = published.PUBLISHED[name].read(data.root()).splits["train"]
    assert raw.x.shape == (60_000, 1, 28, 28)
    assert raw.y[:10].tolist() == first
    assert raw.x.mean() / 255 == pytest.approx(mean, abs=5e-5)
    assert raw.x.std() / 255 == pytest.approx(std, abs=5e-5)


def test_the_real_cifar10_zip_serves_as_cifar10(real):
    real("cifar10.zip")
    found = data.load("cifar10")
    counts = {split: np.bincount(images.y).tolist() for split, images in found.splits.items()}
    assert counts == {"train": [4500] * 10, "validation": [500] * 10, "test": [1000] * 10}
    assert found.classes == published.PUBLISHED["cifar10"].classes
    assert found.splits["train"].x.shape[1:] == (3, 32, 32)
    assert data.card("cifar10")["mean"] == pytest.approx([0.4914, 0.4822, 0.4465], abs=2e-3)
    assert found.left_out == ()


def test_a_package_of_the_system_is_found_without_any_setting(root):
    files = {f"{name}.gz": gzip.compress(content) for name, content in clothes().items()}
    assert not data.catalogue()["fashion_mnist"].available
    put(published.SYSTEM / "fashion-mnist", files)
    assert data.catalogue()["fashion_mnist"].available
    assert not data.catalogue()["mnist"].available
    found = data.load("fashion_mnist")
    assert len(found.splits["test"].y) == 40
    assert data.fingerprint("fashion_mnist") == data.fingerprint("fashion_mnist")


@pytest.mark.parametrize("whole", [True, False])
def test_files_of_ones_own_are_read_before_those_of_a_package_if_they_are_complete(root, whole):
    put(published.SYSTEM / "fashion-mnist", clothes(seed=1))
    own = put(root / "FashionMNIST/raw", clothes(50, seed=2))
    if not whole:
        (own / "t10k-labels-idx1-ubyte").unlink()
    assert len(data.load("fashion_mnist").splits["test"].y) == (50 if whole else 40)


def test_who_cannot_download_is_told_of_the_package(root):
    assert "dataset-fashion-mnist" in published.PUBLISHED["fashion_mnist"].by_hand(root)
    assert "package" not in published.PUBLISHED["mnist"].by_hand(root)
