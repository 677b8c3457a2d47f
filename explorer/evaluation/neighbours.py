"""Who is near whom in a space of features: the one kernel behind kNN, neighbour lists and interpolations.

It takes numpy arrays, so that a page needs no torch, or torch tensors, whose products and selections are faster.
"""

import sys
from typing import Any, Literal, NamedTuple

import numpy as np

from explorer.evaluation.preparation import FLAT

Metric = Literal["cosine", "euclidean"]
CHUNK = 250  # queries whose similarities to the whole bank are held at once, in one buffer for all chunks
BLOCK = 128  # columns of which the largest similarity is found at once
TINY = 1e-12  # the least length by which a vector is divided
TIE = 1e-6  # of a cosine: images are equally near within that, which single precision cannot tell apart


class Neighbours(NamedTuple):
    """The nearest of the bank for each query, nearest first: arrays, or tensors where tensors were given."""

    index: Any  # [Q, k] rows of the bank
    proximity: Any  # [Q, k] the cosine, or minus the Euclidean distance: larger is nearer


def nearest(
    bank: Any, queries: Any, k: int, metric: Metric = "cosine", centre: bool = True, own: Any = None
) -> Neighbours:
    """The `k` rows of `bank` `[N, D]` nearest to each of `queries` `[Q, D]`; equally near arrays by their row.

    `centre` takes the bank's mean away first (pixels and codes have no natural origin). `own` `[Q]` are the rows of the
    queries themselves, which are left out. Euclidean distances are computed in double precision. Queries may be
    computed where a slice of them is asked for: no more than a chunk is held.
    """
    k = min(k, len(bank) - (own is not None))
    if k < 1 or not len(queries):
        library, shape = _library(bank), (len(queries), max(k, 0))
        return Neighbours(library.zeros(shape, dtype=library.int64), library.zeros(shape))
    bank = _wide(bank, metric)
    mean = bank.mean(0) if centre else None
    bank = _brought(bank, mean, metric)
    index, values = _empty(bank, len(queries), k, _library(bank).int64), _empty(bank, len(queries), k)
    buffer = _empty(bank, min(CHUNK, len(queries)), len(bank))  # a fresh one per chunk costs more than the products
    for i in range(0, len(queries), CHUNK):
        chunk = _brought(_wide(_like(bank, queries[i : i + CHUNK]), metric), mean, metric)
        similarity = _similarity(chunk, bank, metric, buffer)
        if own is not None:
            similarity[np.arange(len(similarity)), own[i : i + CHUNK]] = -np.inf
        index[i : i + CHUNK], values[i : i + CHUNK] = _largest(similarity, k)  # kept in one place: no holes in memory
    return Neighbours(index, values if metric == "cosine" else -((-values).clip(0) ** 0.5))


def neighbourhoods(features: np.ndarray, k: int) -> np.ndarray:
    """Which images are among the k nearest of each, `bool [N, N]`: by cosine of features `[N, D]` after centring.

    All that are as near as the k-th are among them, so that no order of rows decides who is: a rotated, scaled
    or shifted copy has the same neighbourhoods, up to the digits that single precision loses to a large offset.
    An image in the middle of all is equally near to all of them.
    """
    x = np.asarray(features, np.float64)
    centred = x - x.mean(0)
    centred[np.linalg.norm(centred, axis=1) <= FLAT * np.abs(x).max(initial=0)] = 0  # what is left of it is rounding
    cosine = _unit(centred)
    cosine = cosine @ cosine.T
    np.fill_diagonal(cosine, -np.inf)
    k = min(k, len(x) - 1)
    least = np.partition(cosine, len(x) - k, axis=1)[:, len(x) - k] if k > 0 else np.full(len(x), np.inf)
    return cosine >= least[:, None] - TIE


def _library(x: Any) -> Any:
    """The module whose array this is: numpy or torch, whose functions have the same names."""
    return sys.modules[type(x).__module__]


def _wide(x: Any, metric: Metric) -> Any:
    """Double precision for a distance (differences of large numbers lose digits), at least single for a cosine."""
    library = _library(x)
    enough = library.float64 if metric == "euclidean" else library.promote_types(x.dtype, library.float32)
    return x.astype(enough) if isinstance(x, np.ndarray) else x.to(enough)


def _like(bank: Any, chunk: Any) -> Any:
    """The chunk as an array of the library that the bank is of."""
    if isinstance(bank, np.ndarray) or not isinstance(chunk, np.ndarray):
        return chunk
    return _library(bank).from_numpy(chunk).to(bank.dtype)


def _brought(x: Any, mean: Any, metric: Metric) -> Any:
    """The vectors as they are compared: without the bank's mean, and for a cosine of length one."""
    x = x if mean is None else x - mean
    return _unit(x) if metric == "cosine" else x


def _unit(x: Any) -> Any:
    """The same vectors with length one; zeros stay zeros."""
    return x / _library(x).linalg.norm(x, None, 1, True).clip(TINY)


def _empty(bank: Any, rows: int, columns: int, dtype: Any = None) -> Any:
    """A place `[rows, columns]` of the bank's library, and of its type unless another is named."""
    if isinstance(bank, np.ndarray):
        return np.empty((rows, columns), dtype or bank.dtype)
    return bank.new_empty((rows, columns), dtype=dtype)


def _similarity(queries: Any, bank: Any, metric: Metric, buffer: Any) -> Any:
    """`[Q, N]`, in the first rows of the buffer: cosines of unit vectors, or minus the squared distances."""
    product = _library(bank).matmul(queries, bank.T, out=buffer[: len(queries)])
    if metric == "euclidean":
        product *= 2
        product -= (queries**2).sum(1)[:, None]
        product -= (bank**2).sum(1)
    return product


def _largest(similarity: Any, k: int) -> tuple[Any, Any]:
    """The columns `[Q, k]` of the k largest of each row, largest first, and their values."""
    if not isinstance(similarity, np.ndarray):
        return _largest_of_blocks(similarity, k)
    index = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    least = np.take_along_axis(similarity, index, 1).min(1, keepdims=True)
    tied = (similarity >= least).sum(1) > k  # which of the equal ones was taken is not said: the first are
    index[tied] = np.argsort(-similarity[tied], axis=1, kind="stable")[:, :k]
    index.sort(axis=1)
    order = np.argsort(-np.take_along_axis(similarity, index, 1), axis=1, kind="stable")
    index = np.take_along_axis(index, order, 1)
    return index, np.take_along_axis(similarity, index, 1)


def _largest_of_blocks(similarity: Any, k: int) -> tuple[Any, Any]:
    """The same of a tensor: the k largest of a row lie in the k blocks of columns with the largest maxima.

    One pass finds the maxima, and a few blocks are left to select from: half of the time of selecting from all columns.
    """
    blocks, rest = divmod(similarity.shape[1], BLOCK)
    if blocks < 4 * k:
        values, index = similarity.topk(k)
        return index, values
    torch = _library(similarity)
    best = similarity[:, : blocks * BLOCK].unflatten(1, (blocks, BLOCK)).amax(2).topk(k).indices  # [Q, k]
    within = torch.arange(BLOCK, device=best.device)
    last = (blocks * BLOCK + within[:rest]).expand(len(best), -1)  # what is left of the columns belongs to no block
    columns = torch.cat([(best[..., None] * BLOCK + within).flatten(1), last], 1)
    values, chosen = similarity.gather(1, columns).topk(k)
    return columns.gather(1, chosen), values


def examples(features: np.ndarray, y: np.ndarray, classes: int, k: int) -> np.ndarray:
    """Positions `[C, 1 + k]`: the first image of each of the first `classes` to appear, then the k nearest to it.

    By cosine of `features` `[N, D]` as they are, which `projections.scaled` has centred.
    """
    first = np.sort(np.unique(y, return_index=True)[1])[:classes]
    return np.concatenate([first[:, None], nearest(features, features[first], k, centre=False, own=first).index], 1)


def label_agreement(y: np.ndarray, index: np.ndarray) -> np.ndarray:
    """For each image the share `[N]` of its neighbours `[N, k]` that have its label."""
    return (y[index] == y[:, None]).mean(1)


def chance_agreement(y: np.ndarray) -> float:
    """The mean label agreement of neighbours that are drawn at random."""
    counts = np.bincount(y)
    return float((counts * (counts - 1)).sum() / (len(y) * (len(y) - 1)))
