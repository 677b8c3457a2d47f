"""The lines of a script that read the training images of a run as they were: the same rows in the same order."""

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from explorer import data
from explorer.core import TrainConfig
from explorer.data import DataSet, splitting
from explorer.data.builtin import EMBEDDED
from explorer.data.published import PUBLISHED
from explorer.data.raw import Raw
from explorer.errors import Refused

MOST = 60  # rows that a script names one by one: copies of others, which stay on their side of the cut

NUMPY_DIGITS = """digits = load_digits()
x, y = np.rint(digits.images * (255 / 16)).astype(np.uint8)[:, None], digits.target"""
GARMENTS = """garments = np.load("explorer/data/builtin/garments.npz")  # a tenth of Fashion-MNIST, in Unfold's folder
x, y = garments["train_x"], garments["train_y"].astype(np.int64)"""
TORCHVISION = """images = {name}("data", train=True, download=True)  # into a folder of this name
x, y = np.asarray(images.data){axes}, np.asarray(images.targets)"""


CUT = """def cut(y, rows, share, seed):  # held out: a share of each class; the seed is a hash of the data
    rng, of = np.random.default_rng(seed), y[rows]
    orders = [rng.permutation(np.flatnonzero(of == k)) for k in np.unique(of)]
    return np.delete(rows, np.concatenate([order[: max(1, round(share * len(order)))] for order in orders]))
"""
BALANCED = """def balanced(y, n, seed):  # as many of each class; the seed is a hash of the data
    rng, turn = np.random.default_rng(seed), np.empty(len(y), np.int64)
    for order in (rng.permutation(np.flatnonzero(y == k)) for k in np.unique(y)):
        turn[order] = np.arange(len(order))
    return np.sort(np.lexsort((y, turn))[:n])
"""


class Images(NamedTuple):
    """What a script needs for its images."""

    imports: tuple[str, ...]
    defined: str  # functions
    lines: str  # these end in `x`, a tensor `uint8 [N, C, H, W]` on `device`


def seed(source: str, purpose: str) -> int:
    """The seed of `numpy_generator`, as a number that a script can name."""
    return int.from_bytes(hashlib.blake2b(f"{source}/{purpose}".encode(), digest_size=16).digest(), "big")


def plain(dataset: DataSet, cfg: TrainConfig) -> Images | None:
    """The lines without Unfold; None for data that only Unfold can read or draw."""
    if cfg.size not in (0, data.catalogue()[dataset.name].size) or dataset.name not in READ:
        return None
    correction = _correction(dataset.name, dataset.source)
    if correction is None:
        return None
    imports, read, cuts = READ[dataset.name]
    rows = "np.arange(len(y))"
    lines, defined = [read], [CUT]
    for split, share in cuts:
        lines.append(f"rows = cut(y, {rows}, {share}, {seed(dataset.source, f'cut/{split}')})  # {split}")
        rows = "rows"
    added, dropped = (rows.tolist() for rows in correction)
    if added or dropped:
        lines.append(f"rows = np.union1d(np.setdiff1d(rows, {dropped}), {added}).astype(int)  # copies stay together")
    if cfg.classes:
        lines.append(f"rows = rows[np.isin(y[rows], {[dataset.classes.index(it) for it in cfg.classes]})]")
    if cfg.subset and cfg.subset < len(dataset.chosen("train", cfg.classes)[0]):
        lines.append(f"rows = rows[balanced(y[rows], {cfg.subset}, {seed(dataset.source, 'subset/train')})]")
        defined.append(BALANCED)
    lines.append("x = torch.from_numpy(x[rows]).to(device)  # [N, C, H, W], bytes")
    return Images(("import numpy as np", *imports), "\n".join(defined), "\n".join(lines))


DIGITS = ("from sklearn.datasets import load_digits",)
SHARES = (("test", 0.2), ("validation", 0.25))
LATER = (("validation", 0.1),)
READ = {  # imports, how all training images are read, what is cut from them
    "digits": (DIGITS, NUMPY_DIGITS, SHARES),
    "garments": ((), GARMENTS, LATER),
    **{
        name: (
            (f"from torchvision.datasets import {it.torchvision}",),
            TORCHVISION.format(name=it.torchvision, axes="[:, None]" if it.channels == 1 else ".transpose(0, 3, 1, 2)"),
            LATER,
        )
        for name, it in PUBLISHED.items()
    },
}  # fmt: skip


@lru_cache(maxsize=16)
def _correction(name: str, source: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows that a cut without regard to copies lacks, and those that it has too much; None where they are many."""
    raw = _raw(name)
    if raw is None:
        return None
    true, y = splitting.complete(raw, source, name)["train"].rows, raw.splits["train"].y
    names: dict[str, Any] = {"np": np}
    exec(CUT, names)  # what the script will do
    rows = np.arange(len(y))
    for split, share in READ[name][2]:
        rows = names["cut"](y, rows, share, seed(source, f"cut/{split}"))
    added, dropped = np.setdiff1d(true, rows), np.setdiff1d(rows, true)
    return (added, dropped) if len(added) + len(dropped) <= MOST else None


def _raw(name: str) -> Raw | None:
    if name in EMBEDDED:
        with tempfile.TemporaryDirectory() as folder:
            return EMBEDDED[name].read(data.catalogue()[name].size, Path(folder))
    try:
        return PUBLISHED[name].read(data.root())
    except Refused:
        return None
