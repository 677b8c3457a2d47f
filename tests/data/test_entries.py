"""The catalogue: which data sets there are, and what they are called."""

import subprocess
import sys
import time

import pytest

from explorer import Refused, data
from explorer.data import entries, published
from tests.data.image_cases import REPO, batches, pets, put, put_zip, ten_greys


def test_importing_the_data_layer_brings_no_heavy_module():
    heavy = ["torch", "torchvision", "sklearn", "scipy", "distributed", "streamlit", "plotly"]
    code = f"import sys, explorer.data; explorer.data.catalogue(); print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_catalogue_lists_embedded_published_and_own_sets(root):
    put(root / "My Pets", pets(2))
    put_zip(root / "birds.zip", pets(2))
    put(root / "text", {"notes.txt": b"no images here"})
    found = data.catalogue()
    kinds = {name: entry.kind for name, entry in found.items()}
    assert kinds == {
        "garments": "embedded",
        "digits": "embedded",
        "shapes": "embedded",
        "fashion_mnist": "download",
        "mnist": "download",
        "cifar10": "download",
        "my_pets": "folder",
        "birds": "zip",
    }
    assert [name for name, entry in found.items() if entry.available] == [
        "garments",
        "shapes",
        "digits",
        "my_pets",
        "birds",
    ]
    assert found["birds"].classes == ("cats", "dogs")
    assert all(entry.title and entry.summary and entry.source for entry in found.values())


def test_the_catalogue_of_sixty_thousand_files_in_a_zip_is_fast_after_the_first_call(root):
    put_zip(root / "many.zip", {f"{label}/{i}.png": b"" for label in "ab" for i in range(30_000)})
    data.catalogue()
    started = time.perf_counter()
    assert data.catalogue()["many"].summary.startswith("60,000 images")
    assert time.perf_counter() - started < 0.05


def test_a_new_folder_shows_at_once(root):
    data.catalogue()
    put(root / "pets", pets(1))
    assert data.catalogue()["pets"].classes == ("cats", "dogs")
    put(root / "pets", {"birds/1.png": b""})
    assert data.catalogue()["pets"].classes == ("birds", "cats", "dogs")


def test_a_folder_does_not_take_the_name_of_another_set(root):
    put(root / "digits", pets(1))
    put(root / "pets", pets(1))
    put_zip(root / "pets.zip", pets(2))
    found = data.catalogue()
    assert found["digits"].kind == "embedded"
    assert found["digits_folder"].path == root / "digits"
    assert (found["pets"].path, found["pets_zip"].path) == (root / "pets", root / "pets.zip")


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(Refused, match="no data set 'digit'; did you mean 'digits'"):
        data.load("digit")


def test_a_zip_of_its_name_serves_as_cifar10_until_the_original_is_there(root, monkeypatch):
    put_zip(root / "cifar10.zip", ten_greys())
    entry = data.catalogue()["cifar10"]
    assert (entry.kind, entry.size, entry.classes) == ("zip", 32, published.PUBLISHED["cifar10"].classes)
    assert "Read from cifar10.zip" in entry.summary
    assert data.load("cifar10").splits["train"].x.shape[2:] == (32, 32)
    batches(root / "cifar-10-batches-py", monkeypatch)
    assert data.catalogue()["cifar10"].kind == "download"


@pytest.mark.parametrize("name", ["cifar10", "mnist", "fashion_mnist"])
def test_a_folder_that_is_called_like_a_published_set_and_has_other_classes_is_ones_own(root, name):
    put(root / name, pets(6))
    entries_ = data.catalogue()
    assert entries_[name].kind == "download" and entries_[f"{name}_folder"].classes == ("cats", "dogs")
    assert entries_[f"{name}_folder"].source == f"the folder {name} in your data folder; its licence is unknown"


def test_a_folder_that_is_called_like_a_set_of_known_origin_and_has_other_classes_is_ones_own(root):
    put(root / "hymenoptera_data", pets(6))
    assert "licence is unknown" in data.catalogue()["hymenoptera_data"].source


def test_a_link_to_the_data_root_is_no_data_set(root):
    put(root / "pets", pets(6))
    for name, target in {"self": ".", "above": ".."}.items():
        (root / name).symlink_to(target)
    assert not {"self", "above"} & set(data.catalogue())


def test_the_real_data_root_shows_only_image_sets(real):
    real("text")
    names = set(data.catalogue()) - set(entries.EMBEDDED) - set(published.PUBLISHED)
    assert names <= {"hymenoptera_data"}
