"""What the tests of the data layer work on: pictures, class folders, zips and the files of published sets."""

import hashlib
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from explorer.data import published

REPO = Path(__file__).parents[2]
REAL = Path(os.environ.get("EXPLORER_TEST_DATA") or "/nowhere")
IDX_MAGIC = {1: b"\x00\x00\x08\x01", 3: b"\x00\x00\x08\x03"}


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


def greys(n=40):
    """Class folders of pictures of one grey each, no two alike: the grey names the picture at every size."""
    whole = encoded(picture(), "JPEG")
    names = [f"{name}/{i:03d}.png" for i in range(n) for name in ("cats", "dogs")]
    files = {name: encoded(Image.new("L", (20, 16), 3 * grey)) for grey, name in enumerate(names)}
    return files | {"cats/007_torn.jpg": whole[: len(whole) // 2], "dogs/empty.png": b""}


def ten_greys():
    """The same in folders that are called like the classes of CIFAR-10."""
    names = published.PUBLISHED["cifar10"].classes
    return {f"{names[i % 10]}/{i:03d}{name[-9:]}": content for i, (name, content) in enumerate(greys().items())}


def put_set(root, kind, monkeypatch):
    """Make a data set of this kind, if it is none that is always there; its name."""
    if kind == "folder":
        put(root / "mine", greys())
    elif kind in ("zip", "cifar10_zip"):
        put_zip(root / ("mine.zip" if kind == "zip" else "cifar10.zip"), greys() if kind == "zip" else ten_greys())
    elif kind == "fashion_mnist":
        put(root / "FashionMNIST/raw", clothes(200))
    elif kind == "cifar10":
        batches(root / "cifar-10-batches-py", monkeypatch)
    return {"folder": "mine", "zip": "mine", "cifar10_zip": "cifar10"}.get(kind, kind)


def batches(folder, monkeypatch):
    """CIFAR-10's own files with a few random images, whose checksums torchvision is told; the test batch."""
    from explorer.system.torchvision import torchvision

    def dump(name, content):
        raw = pickle.dumps(content)
        put(folder, {name: raw})
        return [name, hashlib.md5(raw).hexdigest()]

    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (20, 3072), dtype=np.uint8) for _ in published.BATCHES[:-1]]
    contents = [{"data": of, "labels": [i % 10 for i in range(20)]} for of in images]
    sums = [dump(name, content) for name, content in zip(published.BATCHES[:-1], contents, strict=True)]
    meta = dump("batches.meta", {"label_names": list(published.PUBLISHED["cifar10"].classes)})
    set_ = torchvision().datasets.CIFAR10
    monkeypatch.setattr(set_, "train_list", sums[:-1])
    monkeypatch.setattr(set_, "test_list", sums[-1:])
    monkeypatch.setattr(set_, "meta", {"filename": meta[0], "key": "label_names", "md5": meta[1]})
    return contents[-1]
