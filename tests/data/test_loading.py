"""The data layer: what is found, how it is decoded and cached, what is refused or left out and why."""

import gzip
import hashlib
import io
import os
import pickle
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer import Refused, data
from explorer.data import cache, entries, fetch, photos, places, published, shapes
from explorer.data.idx import read_idx

REPO = Path(__file__).parents[2]
REAL = Path(os.environ.get("EXPLORER_TEST_DATA") or "/nowhere")
IDX_MAGIC = {1: b"\x00\x00\x08\x01", 3: b"\x00\x00\x08\x03"}


@pytest.fixture(autouse=True)
def root(own_folders, tmp_path, monkeypatch):
    """A data root of this test's own, and a cache that no other test has filled."""
    folder = tmp_path / "data"
    monkeypatch.setenv("EXPLORER_DATA", str(folder))
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture(scope="module")
def real_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def real(monkeypatch, real_cache):
    """The real data sets, where a machine has them; decoded once for all tests."""

    def need(path):
        if not (REAL / path).exists():
            pytest.skip(f"no real {path} on this machine")
        monkeypatch.setenv("EXPLORER_DATA", str(REAL))
        monkeypatch.setenv("EXPLORER_CACHE", str(real_cache))

    return need


def picture(seed=0, size=(20, 16), mode="RGB"):
    rng = np.random.default_rng(seed)
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    return Image.fromarray(rng.integers(0, 255, shape, dtype=np.uint8))


def encoded(image, form="PNG", **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def pets(n=12, splits=("",), mode="RGB"):
    """Class folders of cats and dogs, n images each in each split."""
    names = [f"{split}{name}/{i:03d}.png" for split in splits for name in ("cats", "dogs") for i in range(n)]
    return {name: encoded(picture(seed, mode=mode)) for seed, name in enumerate(names)}


def put_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def idx(array):
    return IDX_MAGIC[array.ndim] + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def clothes(n=40, seed=0):
    """Fashion-MNIST's four files with a few random images."""
    rng = np.random.default_rng(seed)
    files = {}
    for part in ("train", "t10k"):
        files[f"{part}-images-idx3-ubyte"] = idx(rng.integers(0, 255, (n, 28, 28), dtype=np.uint8))
        files[f"{part}-labels-idx1-ubyte"] = idx(np.arange(n, dtype=np.uint8) % 10)
    return files


def left(dataset):
    return dict(dataset.left_out)


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# --- the catalogue


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
        "digits": "embedded",
        "shapes": "embedded",
        "fashion_mnist": "download",
        "mnist": "download",
        "cifar10": "download",
        "my_pets": "folder",
        "birds": "zip",
    }
    assert [name for name, entry in found.items() if entry.available] == ["digits", "shapes", "my_pets", "birds"]
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


def test_without_a_data_root_of_its_own_the_users_folder_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("EXPLORER_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data.root() == tmp_path / "unfold"
    assert "digits" in data.catalogue()


def test_a_missing_data_root_is_refused_but_digits_work(monkeypatch, root):
    monkeypatch.setenv("EXPLORER_DATA", str(root / "nowhere"))
    with pytest.raises(Refused, match=r"EXPLORER_DATA names .*nowhere.* no folder; make"):
        data.catalogue()
    assert data.load("digits").classes == tuple("0123456789")


# --- what is refused


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(Refused, match="no data set 'digit'; did you mean 'digits'"):
        data.load("digit")


@pytest.mark.parametrize("size", [-1, 7, 513])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(Refused, match=f"size {size} is out of range; give 8 to 512"):
        data.load("digits", size)


def test_a_set_that_is_not_here_is_refused_with_its_folder(root):
    with pytest.raises(Refused, match=r"'mnist' is not on this machine: .*MNIST/raw; download it, or choose digits"):
        data.load("mnist")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"notes.txt": b"text"}, "holds no images"),
        ({"cats/1.png": b""}, "a single class folder, 'cats'; at least two"),
        ({"1.png": b"", "2.png": b""}, "no class folder with images"),
        ({"test/cats/1.png": b"", "test/dogs/1.png": b""}, "has test but no train folder"),
        ({"cats/1.gif": b"", "dogs/1.gif": b""}, "no class folder with images"),
        ({"cats/1.png": b"", "dogs/1.png": b""}, "no image of '.*' can be read"),
        (pets(2), "class 'cats' of 'mine' has 2 training images that can be read; each class needs at least 3"),
    ],
)
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_folder_that_is_no_data_set_is_refused_with_the_reason(root, files, sentence, kind):
    put(root / "mine", files) if kind == "folder" else put_zip(root / "mine.zip", files)
    with pytest.raises(Refused, match=sentence):
        data.load("mine")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 but no zip", b"not at all"])
def test_a_zip_that_is_none_is_listed_with_its_problem_and_refused(root, content):
    put(root, {"broken.zip": content})
    entry = data.catalogue()["broken"]
    assert not entry.available
    assert "'broken.zip' cannot be read as a zip" in entry.summary
    with pytest.raises(Refused, match=r"'broken.zip' cannot be read as a zip"):
        data.load("broken")


def test_a_cache_that_cannot_be_written_is_refused(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(Refused, match=r"cannot write to .*cache.*: set EXPLORER_CACHE to a folder"):
        data.load("digits")


# --- what is left out


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_files_that_are_no_photographs_are_left_out_with_a_reason(root, kind, monkeypatch):
    monkeypatch.setattr(photos, "MAX_PIXELS", 10_000)
    whole = encoded(picture(size=(90, 90)), "JPEG")
    files = {
        **pets(5),
        "cats/placeholder.gif": encoded(picture(), "GIF"),
        "cats/disguised.jpg": encoded(picture(), "GIF"),
        "cats/notes.txt": b"text",
        "dogs/torn.jpg": whole[: len(whole) // 2],
        "dogs/empty.png": b"",
        "dogs/bomb.png": encoded(Image.new("L", (200, 200))),
        "loose.png": encoded(picture()),
        "README.md": b"ignored",
        "cats/.hidden.png": b"ignored",
        "cats/Thumbs.db": b"ignored",
        "__MACOSX/cats/000.png": b"ignored",
    }
    put(root / "mine", files) if kind == "folder" else put_zip(root / "mine.zip", files)
    why = left(data.load("mine"))
    expected = {
        "cats/disguised.jpg": "content is none of JPEG, PNG",
        "cats/notes.txt": "a TXT file, which is no photograph: only png, jpg",
        "cats/placeholder.gif": "a GIF file, which is no photograph: only png, jpg",
        "dogs/bomb.png": "200 × 200 pixels, more than the",
        "dogs/empty.png": "content is none of",
        "dogs/torn.jpg": "does not decode",
        "loose.png": "outside the class folders",
    }
    assert sorted(why) == sorted(expected)
    assert not [path for path, reason in expected.items() if reason not in why[path]]


def test_a_bomb_that_pillow_itself_stops_is_left_out(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match="far too many pixels"):
        photos.decode(encoded(Image.new("L", (200, 200))), 8)


def test_images_of_a_class_that_is_never_trained_on_are_left_out(root):
    put(root / "pets", {**pets(4, ("train/", "test/")), "test/wasps/1.png": encoded(picture())})
    found = data.load("pets")
    assert found.classes == ("cats", "dogs")
    assert left(found) == {"test/wasps/1.png": "an image of a class without training images"}


# --- geometry and colour


def test_a_photograph_is_cropped_to_its_centre():
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    pixels = photos.decode(encoded(wide), 10)
    assert pixels.shape == (3, 10, 10)
    assert (pixels[:, :, 1:-1] == np.array([0, 0, 255])[:, None, None]).all()


@pytest.mark.parametrize("form", photos.FORMATS)
def test_every_format_that_is_promised_is_read(form):
    assert (
        np.abs(photos.decode(encoded(Image.new("RGB", (9, 9), (250, 100, 0)), form), 8)[0].astype(int) - 250).max() < 9
    )


def test_shrinking_is_antialiased():
    stripes = np.zeros((128, 128), np.uint8)
    stripes[:, ::2] = 255
    pixels = photos.decode(encoded(Image.fromarray(stripes)), 16)
    assert np.abs(pixels.astype(int) - 128).max() <= 8


def test_a_photograph_taken_sideways_is_turned_upright():
    image = Image.new("RGB", (32, 32), "black")
    image.paste("white", (0, 0, 32, 16))  # the upper half
    exif = Image.Exif()
    exif[photos.ORIENTATION] = 6  # to be turned clockwise
    pixels = photos.decode(encoded(image, "JPEG", exif=exif), 8)
    assert pixels[:, :, 6:].min() > 200
    assert pixels[:, :, :2].max() < 50


def test_transparency_is_laid_on_white():
    assert photos.decode(encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 0))), 8).min() == 255


def test_sixteen_bit_greys_keep_their_upper_byte():
    grey = Image.fromarray(np.full((9, 9), 0x8040, np.uint16))
    assert (photos.decode(encoded(grey), 8) == 0x80).all()


@pytest.mark.parametrize(("mode", "extra", "channels"), [("L", {}, 1), ("L", {"cats/red.png": "red"}, 3)])
def test_a_folder_is_grey_only_if_every_image_is(root, mode, extra, channels):
    coloured = {name: encoded(Image.new("RGB", (9, 9), colour)) for name, colour in extra.items()}
    put(root / "pets", {**pets(4, mode=mode), "cats/saved_as_rgb.png": encoded(picture(mode="L").convert("RGB"))})
    put(root / "pets", coloured)
    found = data.load("pets", 8)
    assert found.channels == channels
    assert {images.x.shape[1:] for images in found.splits.values()} == {(channels, 8, 8)}


def test_a_published_set_can_be_had_at_another_size(root):
    put(root / "FashionMNIST/raw", clothes())
    own, larger = data.load("fashion_mnist"), data.load("fashion_mnist", 56)
    assert larger.splits["test"].x.shape == (40, 1, 56, 56)
    brightness = [images.splits["test"].x.mean((1, 2, 3)) for images in (own, larger)]
    assert np.abs(brightness[0] - brightness[1]).max() < 3
    assert own.hash != larger.hash


# --- zips and splits


def test_a_zip_reads_like_the_folder_it_holds(root):
    files = pets(6, ("train/", "val/", "test/"))
    put(root / "a", files)
    put_zip(root / "b.zip", {f"wrapped/{name}": content for name, content in files.items()} | {"read me.txt": b""})
    a, b = data.load("a", 16), data.load("b", 16)
    assert a.hash == b.hash
    assert a.classes == b.classes


def test_a_zip_is_never_unpacked_whatever_its_members_are_called(root):
    put_zip(root / "evil.zip", {**pets(6), "../../outside/1.png": b"x", "/absolute/1.png": b"x"})
    before = tree(root.parent)
    found = data.load("evil", 8)
    new = [path for path in tree(root.parent) if path not in before and not path.startswith("cache")]
    assert new == []
    assert sum(len(images.y) for images in found.splits.values()) == 12


def test_an_encrypted_member_is_left_out(root):
    path = put_zip(root / "locked.zip", pets(6))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag bits of the first member
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    assert "locked member" in left(data.load("locked", 8))["cats/000.png"]


def test_a_lone_val_folder_serves_as_test_and_validation_is_cut_from_train(root):
    put(root / "pets", pets(20, ("train/", "val/")))
    assert "validation folder serves as test" in data.catalogue()["pets"].summary
    found = data.load("pets", 8)
    counts = {split: np.bincount(images.y).tolist() for split, images in found.splits.items()}
    assert counts == {"train": [18, 18], "validation": [2, 2], "test": [20, 20]}


def test_plain_class_folders_are_cut_without_losing_or_sharing_an_image(root):
    put(root / "pets", pets(20))
    found = data.load("pets", 8)
    counts = {split: np.bincount(images.y).tolist() for split, images in found.splits.items()}
    assert counts == {"train": [14, 14], "validation": [2, 2], "test": [4, 4]}
    rows = [row.tobytes() for images in found.splits.values() for row in images.x]
    assert len(set(rows)) == 40


def test_the_cut_depends_on_the_data_alone(root, tmp_path, monkeypatch):
    put(root / "pets", pets(20))
    first = data.load("pets", 8)
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "elsewhere"))
    again = data.load("pets", 8)
    assert again.hash == first.hash
    assert all((again.splits[split].x == first.splits[split].x).all() for split in first.splits)


def greys(n=40):
    """Class folders of pictures of one grey each, no two alike: the grey names the picture at every size."""
    whole = encoded(picture(), "JPEG")
    names = [f"{name}/{i:03d}.png" for i in range(n) for name in ("cats", "dogs")]
    files = {name: encoded(Image.new("L", (20, 16), 3 * grey)) for grey, name in enumerate(names)}
    return files | {"cats/007_torn.jpg": whole[: len(whole) // 2], "dogs/empty.png": b""}


def put_set(root, kind, monkeypatch):
    """Make a data set of this kind, if it is none that is always there; its name."""
    if kind == "folder":
        put(root / "mine", greys())
    elif kind in ("zip", "cifar10_zip"):
        put_zip(root / ("mine.zip" if kind == "zip" else "cifar10.zip"), greys())
    elif kind == "fashion_mnist":
        put(root / "FashionMNIST/raw", clothes(200))
    elif kind == "cifar10":
        batches(root / "cifar-10-batches-py", monkeypatch)
    return {"folder": "mine", "zip": "mine", "cifar10_zip": "cifar10"}.get(kind, kind)


def same_pictures(small, large):
    """Whether two splits show the same pictures, row by row: resized alike, or drawn from equal factors."""
    if small.factors:
        return all(np.array_equal(values, large.factors[name]) for name, values in small.factors.items())
    return np.array_equal(photos.resized(small.x, large.x.shape[-1]), large.x)


KINDS = ["digits", "shapes", "folder", "zip", "fashion_mnist", "cifar10", "cifar10_zip"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_is_cut_and_chosen_from_alike_at_every_size(root, kind, monkeypatch):
    monkeypatch.setattr(data.dataset, "PROBE_ROWS", 7)
    monkeypatch.setattr(data.dataset, "BANK_ROWS", 20)
    name = put_set(root, kind, monkeypatch)
    small, large = data.load(name, 8 if name == "mine" else 0), data.load(name, 40)
    assert small.splits["train"].x.shape[2] < large.splits["train"].x.shape[2] == 40
    for split, images in small.splits.items():
        assert np.array_equal(images.y, large.splits[split].y)
        assert same_pictures(images, large.splits[split])
        (few, rows), (others, other_rows) = (found.select(split, subset=5) for found in (small, large))
        assert np.array_equal(rows, other_rows)
        assert same_pictures(few, others)
    assert [rows.tolist() for rows in small.probe()] == [rows.tolist() for rows in large.probe()]
    assert small.left_out == large.left_out
    assert (small.source, small.hash != large.hash) == (large.source, True)


def test_a_torn_photograph_is_left_out_at_every_size_or_at_none():
    whole = encoded(picture(size=(240, 180)), "JPEG")

    def decodes(content, size):
        try:
            return photos.decode(content, size).shape == (3, size, size)
        except ValueError:
            return False

    for end in range(len(whole) // 2, len(whole) + 1, 1 + len(whole) // 60):
        assert len({decodes(whole[:end], size) for size in (8, 30, 200)}) == 1


@pytest.mark.parametrize("kind", ["digits", "fashion_mnist", "cifar10"])
def test_a_set_with_a_size_of_its_own_is_cut_by_its_content_at_that_size(root, kind, monkeypatch):
    found = data.load(put_set(root, kind, monkeypatch))
    assert found.source == found.hash


# --- the fingerprint


@pytest.mark.parametrize("kind", KINDS)
def test_a_fingerprint_stays_while_the_source_does_and_decodes_nothing(root, kind, monkeypatch):
    name = put_set(root, kind, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_decode", None)
        first = data.fingerprint(name)
    put(root / "others", pets(1))
    data.load(name, 12)
    assert data.fingerprint(name) == first


def test_no_two_sets_share_a_fingerprint(root):
    put(root / "a", pets(1))
    put(root / "b", pets(1))
    names = data.catalogue()
    assert len({data.fingerprint(name) for name in names}) == len(names)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_an_added_changed_or_removed_file_changes_the_fingerprint(root, kind, monkeypatch):
    name, files = put_set(root, kind, monkeypatch), greys()
    seen = {data.fingerprint(name)}
    for time_, change in enumerate(({"cats/new.png": encoded(picture())}, {"cats/000.png": encoded(picture(1))}), 1):
        files |= change
        put(root / "mine", change) if kind == "folder" else put_zip(root / "mine.zip", files)
        os.utime(root / "mine" / next(iter(change)) if kind == "folder" else root / "mine.zip", (time_, time_))
        seen.add(data.fingerprint(name))
    del files["dogs/003.png"]
    (root / "mine/dogs/003.png").unlink() if kind == "folder" else put_zip(root / "mine.zip", files)
    assert len(seen | {data.fingerprint(name)}) == 4


def test_a_download_changes_the_fingerprint_and_so_does_a_changed_file(root):
    seen = {data.fingerprint("fashion_mnist")}
    folder = put(root / "FashionMNIST/raw", clothes())
    seen.add(data.fingerprint("fashion_mnist"))
    os.utime(folder / "train-labels-idx1-ubyte", (1, 1))
    assert len(seen | {data.fingerprint("fashion_mnist")}) == 3


def test_a_new_format_of_the_cache_changes_every_fingerprint(monkeypatch):
    first = data.fingerprint("digits")
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert data.fingerprint("digits") != first


# --- the cache


def test_a_cached_set_is_opened_without_decoding(root, monkeypatch):
    put(root / "pets", pets(6))
    first = data.load("pets")
    monkeypatch.setattr(cache, "_decode", None)
    again = data.load("pets")
    assert isinstance(again.splits["train"].x, np.memmap)
    assert again.hash == first.hash
    assert not again.splits["train"].x.flags.writeable


def test_a_changed_source_is_decoded_again_and_the_old_cache_goes(root):
    put(root / "pets", pets(6))
    first = data.load("pets", 8)
    put(root / "pets", {"cats/000.png": encoded(picture(99))})
    os.utime(root / "pets/cats/000.png", (1, 1))
    assert data.load("pets", 8).hash != first.hash
    assert len(list((data.cache_root() / "data").glob("pets-8-*"))) == 1


def test_a_file_replaced_by_one_of_the_same_length_is_noticed(root):
    folder = put(root / "FashionMNIST/raw", clothes())
    first = data.load("fashion_mnist")
    put(folder, clothes(seed=1))
    os.utime(folder / "train-images-idx3-ubyte", (1, 1))
    assert data.load("fashion_mnist").hash != first.hash


def test_a_killed_decoding_is_begun_again_and_its_rest_is_removed(root):
    put(root / "pets", pets(6))
    kill = "lambda share, _: share > 0.5 and os.kill(os.getpid(), 9)"
    code = f"import os; from explorer import data; data.load('pets', 8, {kill})"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPO).returncode == -9
    (rest,) = (data.cache_root() / "data").iterdir()
    assert rest.name.startswith(".pets-8-")
    assert data.load("pets", 8).channels == 3
    (whole,) = (data.cache_root() / "data").iterdir()
    assert whole.name.startswith("pets-8-")


@pytest.mark.parametrize("victim", ["meta.json", "train.x.npy", "test.y.npy"])
def test_a_damaged_cache_is_made_again(victim):
    first = data.load("digits")
    (folder,) = (data.cache_root() / "data").iterdir()
    content = (folder / victim).read_bytes()
    (folder / victim).write_bytes(content[: len(content) // 2])
    assert data.load("digits").hash == first.hash
    assert (folder / victim).read_bytes() == content


def test_two_processes_at_once_make_one_cache(root):
    put(root / "pets", pets(60))
    code = "from explorer import data; print(data.load('pets').hash)"
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    hashes = {process.communicate()[0] for process in both}
    assert len(hashes) == 1
    assert [process.returncode for process in both] == [0, 0]
    assert len(list((data.cache_root() / "data").iterdir())) == 1


def test_who_finds_the_lock_taken_waits_and_says_so():
    heard = threading.Event()
    with places.alone("digits", places.quiet):
        waiting = threading.Thread(target=lambda: places.alone("digits", lambda *_: heard.set()).__enter__())
        waiting.start()
        assert heard.wait(10)
    waiting.join(10)
    assert not waiting.is_alive()


def test_a_decoding_that_is_stopped_leaves_nothing_behind(root):
    put(root / "pets", pets(6))

    def stop(share, sentence):
        if sentence.startswith("decoding"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.load("pets", 8, stop)
    assert list((data.cache_root() / "data").iterdir()) == []
    assert data.load("pets", 8).channels == 3


def test_progress_rises_to_one_and_speaks(root):
    put(root / "pets", pets(150))
    heard = []
    data.load("pets", 8, lambda share, sentence: heard.append((share, sentence)))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert "decoding image 201 of 300" in [sentence for _, sentence in heard]


# --- IDX files


def test_idx_files_are_read_plain_or_packed(root):
    plain = put(root / "FashionMNIST/raw", clothes())
    first = data.load("fashion_mnist")
    for path in list(plain.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert data.load("fashion_mnist").hash == first.hash


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it starts with nothing, where 00 00 08 03 must stand"),
        (b"\x00\x00\x08\x01" + bytes(12), "it starts with 00 00 08 01, where 00 00 08 03"),
        (b"<html>not found</html>", "it starts with 3c 68 74 6d"),
        (idx(np.zeros((4, 28, 28), np.uint8))[:-1], "it holds 3,151 bytes, where its header announces 3,152"),
        (idx(np.zeros((4, 28, 28), np.uint8)) + b"x", "it holds 3,153 bytes"),
        (b"\x00\x00\x08\x03\x00", "it holds 5 bytes"),
    ],
)
def test_a_damaged_idx_file_is_refused(tmp_path, content, sentence):
    (tmp_path / "images").write_bytes(content)
    with pytest.raises(Refused, match=f"images is damaged: {sentence}.*; delete it and download"):
        read_idx(tmp_path / "images", 3)


def test_a_packed_idx_file_that_is_torn_is_refused(tmp_path):
    (tmp_path / "images.gz").write_bytes(gzip.compress(idx(np.zeros((4, 28, 28), np.uint8)))[:-9])
    with pytest.raises(Refused, match="is damaged: it cannot be read"):
        read_idx(tmp_path / "images.gz", 3)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [(np.zeros(39, np.uint8), "holds 40 images but .* 39 labels"), (np.full(40, 10, np.uint8), "must be 0 to 9")],
)
def test_labels_that_do_not_fit_are_refused(root, labels, sentence):
    put(root / "FashionMNIST/raw", clothes() | {"train-labels-idx1-ubyte": idx(labels)})
    with pytest.raises(Refused, match=sentence):
        data.load("fashion_mnist")
    assert list((data.cache_root() / "data").iterdir()) == []


# --- CIFAR-10


def batches(folder, monkeypatch):
    """CIFAR-10's own files with a few random images, whose checksums torchvision is told."""
    from explorer.system.torchvision import torchvision

    def dump(name, content):
        raw = pickle.dumps(content)
        put(folder, {name: raw})
        return [name, hashlib.md5(raw).hexdigest()]

    rng = np.random.default_rng(0)
    content = {"data": rng.integers(0, 255, (20, 3072), dtype=np.uint8), "labels": [i % 10 for i in range(20)]}
    sums = [dump(name, content) for name in published.BATCHES[:-1]]
    meta = dump("batches.meta", {"label_names": list(published.PUBLISHED["cifar10"].classes)})
    set_ = torchvision().datasets.CIFAR10
    monkeypatch.setattr(set_, "train_list", sums[:-1])
    monkeypatch.setattr(set_, "test_list", sums[-1:])
    monkeypatch.setattr(set_, "meta", {"filename": meta[0], "key": "label_names", "md5": meta[1]})
    return content


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


def test_a_zip_of_its_name_serves_as_cifar10_until_the_original_is_there(root, monkeypatch):
    put_zip(root / "cifar10.zip", pets(6, ("train/", "test/")))
    entry = data.catalogue()["cifar10"]
    assert (entry.kind, entry.size, entry.classes) == ("zip", 32, ("cats", "dogs"))
    assert "Read from cifar10.zip" in entry.summary
    assert data.load("cifar10").splits["train"].x.shape[2:] == (32, 32)
    batches(root / "cifar-10-batches-py", monkeypatch)
    assert data.catalogue()["cifar10"].kind == "download"


# --- downloading


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Fashion-MNIST's archives on a server of our own, which torchvision and we are told of."""
    from explorer.system.torchvision import torchvision

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    served = tmp_path / "served"
    packed = {f"{name}.gz": gzip.compress(content) for name, content in clothes().items()}
    put(served, packed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    set_ = torchvision().datasets.FashionMNIST
    sums = [(name, hashlib.md5(packed[name]).hexdigest()) for name, _ in set_.resources]
    monkeypatch.setattr(set_, "mirrors", [address])
    monkeypatch.setattr(set_, "resources", sums)
    here = replace(published.PUBLISHED["fashion_mnist"], addresses=(address,))
    monkeypatch.setitem(published.PUBLISHED, "fashion_mnist", here)
    yield served
    server.shutdown()
    server.server_close()


def test_a_download_brings_the_files_and_reports_every_step(root, mirror):
    heard = []
    data.download("fashion_mnist", lambda share, sentence: heard.append((share, sentence)))
    assert tree(root) == sorted(["FashionMNIST", "FashionMNIST/raw", *(f"FashionMNIST/raw/{n}" for n in published.IDX)])
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert sum("downloading Fashion-MNIST" in sentence for _, sentence in heard) >= 4
    assert heard[-1] == (1.0, "Fashion-MNIST is here")
    assert len(data.load("fashion_mnist").splits["test"].y) == 40
    data.download("fashion_mnist")  # a second time does nothing


def test_a_download_that_comes_damaged_leaves_nothing_behind(root, mirror):
    torn = mirror / "t10k-images-idx3-ubyte.gz"
    torn.write_bytes(torn.read_bytes()[:100])
    with pytest.raises(Refused, match=r"cannot be downloaded from http://127.0.0.1:\d+/ \(Error downloading t10k"):
        data.download("fashion_mnist")
    assert tree(root) == []


def test_a_download_that_is_stopped_leaves_nothing_behind(root, mirror):
    def stop(share, sentence):
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.download("fashion_mnist", stop)
    assert tree(root) == []


def test_without_a_network_a_download_is_refused_within_seconds(root, monkeypatch):
    offline = replace(published.PUBLISHED["mnist"], addresses=("http://127.0.0.1:9/", "http://no-such-host.invalid/"))
    monkeypatch.setitem(published.PUBLISHED, "mnist", offline)
    started = time.perf_counter()
    with pytest.raises(Refused) as refused:
        data.download("mnist")
    assert time.perf_counter() - started < 11
    for part in ("http://127.0.0.1:9/", "MNIST/raw", "train-images-idx3-ubyte.gz", "digits or shapes"):
        assert part in str(refused.value)
    assert tree(root) == []


def test_an_address_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(fetch, "PATIENCE", 0.3)
    monkeypatch.setattr(fetch, "urlopen", lambda *_, **__: time.sleep(3) or io.BytesIO())
    started = time.perf_counter()
    assert fetch._silence("http://slow.invalid/") == "no answer within 0 s"
    assert time.perf_counter() - started < 2


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


# --- the embedded sets


def test_digits_keep_scikit_learns_values():
    from sklearn.datasets import load_digits

    found = data.load("digits")
    original = load_digits()
    assert found.splits["train"].x.shape == (1079, 1, 8, 8)
    total = sum(int(images.x.astype(int).sum()) for images in found.splits.values())
    assert total == np.rint(original.images * 255 / 16).sum()
    assert max(images.x.max() for images in found.splits.values()) == 255
    labels = np.concatenate([images.y for images in found.splits.values()])
    assert (np.bincount(labels) == np.bincount(original.target)).all()


def test_shapes_show_what_their_factors_say():
    found = data.load("shapes")
    assert {split: len(images.y) for split, images in found.splits.items()} == {
        "train": 4000,
        "validation": 1000,
        "test": 1000,
    }
    x, y, factors = found.splits["validation"]
    assert (np.bincount(y) == 125).all()
    assert (factors["shape"] == y).all()
    colour = x.max(1).astype(float) - x.min(1)  # [N, H, W], large on the saturated shape
    inside = colour > 110
    across = (inside * np.arange(32)).sum((1, 2)) / inside.sum((1, 2))
    down = (inside * np.arange(32)[:, None]).sum((1, 2)) / inside.sum((1, 2))
    assert np.corrcoef(across, factors["x"])[0, 1] > 0.9
    assert np.corrcoef(down, factors["y"])[0, 1] < -0.9
    for label in range(len(found.classes)):
        area = inside[y == label].mean((1, 2))
        assert np.corrcoef(area, factors["scale"][y == label] ** 2)[0, 1] > 0.9


def test_a_shape_is_drawn_in_the_hue_that_it_names_and_turned_counter_clockwise():
    one = {name: np.zeros(1, np.float32) for name in shapes.RANGES} | {"scale": np.full(1, 0.6, np.float32)}

    def paint(name, **changed):
        factors = {**one, "shape": np.array([shapes.SHAPES.index(name)])}
        factors |= {factor: np.array([value], np.float32) for factor, value in changed.items()}
        return next(shapes.draw(factors, 64))[0]

    assert paint("square", hue=1 / 3)[:, 32, 32].argmax() == 1
    assert paint("square", hue=2 / 3)[:, 32, 32].argmax() == 2
    tip = np.argwhere(paint("arrow", hue=1 / 3, rotation=30)[0] < 80)
    right = tip[tip[:, 1].argmax()]
    assert right[0] < 25  # the arrow's tip, the pixel farthest to the right, lies in the upper half


def test_shapes_can_be_drawn_at_any_size():
    assert data.load("shapes", 16).splits["test"].x.shape == (1000, 3, 16, 16)


# --- choosing rows


def test_a_class_filter_renumbers_the_labels_in_its_own_order():
    found = data.load("digits")
    images, rows = found.select("train", ("7", "2"))
    assert found.kept(("7", "2", "7")) == ("7", "2")
    assert (np.array([7, 2])[images.y] == found.splits["train"].y[rows]).all()
    assert (images.x == found.splits["train"].x[rows]).all()
    turned = found.select("train", found.classes[::-1])[0]
    assert (turned.y == 9 - found.splits["train"].y).all()


def test_without_a_filter_the_whole_split_comes_as_it_is():
    found = data.load("digits")
    images, rows = found.select("train")
    assert images.x is found.splits["train"].x
    assert (rows == np.arange(1079)).all()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"classes": ("ten",)}, "no class 'ten'; choose from 0, 1, 2"),
        ({"subset": -1}, "subset -1 is negative"),
        ({"split": "training"}, "no split 'training'; did you mean 'train'"),
    ],
)
def test_a_choice_that_cannot_be_met_is_refused(choice, sentence):
    with pytest.raises(Refused, match=sentence):
        data.load("digits").select(**{"split": "train", **choice})


def test_a_subset_is_balanced_repeatable_and_nested():
    found = data.load("digits")
    images, rows = found.select("train", subset=200)
    assert (np.bincount(images.y) == 20).all()
    assert (np.diff(rows) > 0).all()
    assert (found.select("train", subset=200)[1] == rows).all()
    assert set(rows) < set(found.select("train", subset=300)[1])
    filtered = found.select("train", ("3", "5"), subset=31)[0]
    assert sorted(np.bincount(filtered.y).tolist()) == [15, 16]


def test_a_subset_larger_than_the_split_is_the_split():
    found = data.load("digits")
    assert len(found.select("train", subset=10_000)[1]) == 1079
    only = found.select("train", ("3",), subset=10_000)[0]
    assert len(only.y) == (found.splits["train"].y == 3).sum()


def test_factors_follow_a_choice_of_rows():
    found = data.load("shapes")
    images, rows = found.select("train", ("heart", "star"), subset=10)
    assert (images.factors["hue"] == found.splits["train"].factors["hue"][rows]).all()


def test_the_probe_is_balanced_and_depends_on_the_source_alone():
    found = data.load("shapes")
    validation, bank = found.probe()
    assert (len(validation), len(bank)) == (1000, 4000)
    few = replace(
        found, splits={split: images._replace(y=np.tile(np.arange(8), 2000)) for split, images in found.splits.items()}
    )
    validation, bank = few.probe()
    assert (np.bincount(few.splits["train"].y[bank]) == 500).all()
    assert (replace(few, name="other", title="other", hash="other").probe()[0] == validation).all()
    assert (replace(few, source="other").probe()[0] != validation).any()


def test_small_classes_give_all_they_have_to_the_probe():
    y = np.repeat([0, 1], [50, 5000])
    rows = data.dataset.balanced(y, 1000, np.random.default_rng(0))
    assert np.bincount(y[rows]).tolist() == [50, 950]


# --- cards and duplicates


def test_repeated_images_are_found_within_a_split(root):
    files = pets(10, ("train/", "val/", "test/"))
    files["test/cats/005.png"] = files["test/dogs/002.png"] = files["test/cats/001.png"]
    put(root / "pets", files)
    found = data.load("pets", 16)
    assert [group.tolist() for group in data.duplicates(found, "test")] == [[1, 5, 12]]
    assert data.duplicates(found, "train") == []
    assert data.card("pets", 16)["duplicates"] == {"train": [], "validation": [], "test": [[1, 5, 12]]}


def test_a_card_tells_what_the_set_holds():
    found, card = data.load("shapes"), data.card("shapes")
    train = found.splits["train"]
    assert card["counts"] == {"train": [500] * 8, "validation": [125] * 8, "test": [125] * 8}
    assert card["classes"] == found.classes
    assert card["hash"] == found.hash
    assert np.abs(card["mean_image"] - train.x.mean(0)).max() <= 0.51
    assert np.abs(card["class_means"][3] - train.x[train.y == 3].mean(0)).max() <= 0.51
    assert card["mean"] == pytest.approx(train.x.mean((0, 2, 3)) / 255, abs=1e-6)
    assert card["std"] == pytest.approx(train.x.std((0, 2, 3)) / 255, abs=1e-5)
    assert all(
        (train.y[rows] == label).all() and len(rows) == 12 for label, rows in enumerate(card["samples"]["train"])
    )


def test_a_card_names_what_is_left_out_and_its_means_stay_small(root):
    put(root / "pets", {**pets(6), "cats/a.gif": b""})
    card = data.card("pets", 128)
    assert card["left_out"][0][0] == "cats/a.gif"
    assert card["class_means"].shape == (2, 3, 64, 64)


# --- the real sets


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


def test_a_cached_set_of_seventy_thousand_images_opens_in_less_than_a_second(real):
    real("FashionMNIST/raw")
    first = data.load("fashion_mnist")
    started = time.perf_counter()
    again = data.load("fashion_mnist")
    assert time.perf_counter() - started < 1
    counts = {split: np.bincount(images.y).tolist() for split, images in again.splits.items()}
    assert counts == {"train": [5400] * 10, "validation": [600] * 10, "test": [1000] * 10}
    assert again.hash == first.hash
    validation, bank = again.probe()
    assert (np.bincount(again.splits["validation"].y[validation]) == 100).all()
    assert (np.bincount(again.splits["train"].y[bank]) == 400).all()


def test_the_real_cifar10_zip_serves_as_cifar10(real):
    real("cifar10.zip")
    found = data.load("cifar10")
    counts = {split: np.bincount(images.y).tolist() for split, images in found.splits.items()}
    assert counts == {"train": [4500] * 10, "validation": [500] * 10, "test": [1000] * 10}
    assert found.classes == published.PUBLISHED["cifar10"].classes
    assert found.splits["train"].x.shape[1:] == (3, 32, 32)
    assert data.card("cifar10")["mean"] == pytest.approx([0.4914, 0.4822, 0.4465], abs=2e-3)
    assert found.left_out == ()


def test_the_real_ants_and_bees_leave_the_placeholder_out(real):
    real("hymenoptera_data")
    found = data.load("hymenoptera_data")
    assert found.classes == ("ants", "bees")
    counts = {split: len(images.y) for split, images in found.splits.items()}
    assert counts["train"] + counts["validation"] == 244
    assert counts["test"] == 153
    ((path, why),) = found.left_out
    assert path == "train/ants/imageNotFound.gif"
    assert "a GIF file, which is no photograph" in why


def test_the_real_data_root_shows_only_image_sets(real):
    real("text")
    names = set(data.catalogue()) - set(entries.EMBEDDED) - set(published.PUBLISHED)
    assert names <= {"hymenoptera_data"}
