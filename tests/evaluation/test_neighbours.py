"""The one nearest-neighbour kernel against slow definitions, for every metric, centre and kind of array."""

import itertools

import numpy as np
import pytest
import torch

from explorer.evaluation import neighbours
from explorer.evaluation.neighbours import (
    BLOCK,
    chance_agreement,
    examples,
    label_agreement,
    nearest,
    neighbourhoods,
)


def cloud(n, seed, dim=5):
    return (np.random.default_rng(seed).normal(size=(n, dim)) + 2).astype(np.float32)


def slowly(bank, queries, k, metric, centre, own):
    """The rows and proximities of the nearest, by the definition, one query after the other."""
    bank, queries = bank.astype(np.float64), queries.astype(np.float64)
    mean = bank.mean(0) if centre else 0
    bank, queries = bank - mean, queries - mean
    rows = []
    for i, q in enumerate(queries):
        cosine = [q @ b / np.linalg.norm(q) / np.linalg.norm(b) for b in bank]
        near = cosine if metric == "cosine" else [-np.linalg.norm(q - b) for b in bank]
        others = [j for j in range(len(bank)) if own is None or j != own[i]]
        rows.append([(j, near[j]) for j in sorted(others, key=lambda j: -near[j])[:k]])
    return np.array(rows).transpose(2, 0, 1)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["array", "tensor"])
@pytest.mark.parametrize(
    ("metric", "centre", "alone"), [*itertools.product(["cosine", "euclidean"], [True, False], [True, False])]
)
def test_the_nearest_are_those_of_the_definition(metric, centre, alone, kind):
    bank = cloud(60, 0)
    queries, own = (bank[10:30], np.arange(10, 30)) if alone else (cloud(20, 1), None)
    index, proximity = nearest(kind(bank), kind(queries), 4, metric, centre, own)
    rows, values = slowly(bank, queries, 4, metric, centre, own)
    assert (np.asarray(index) == rows).all()
    assert np.allclose(np.asarray(proximity), values, atol=1e-5)


@pytest.mark.parametrize("columns", [BLOCK * 12, BLOCK * 40, BLOCK * 40 + 77])
def test_the_largest_of_many_are_found_in_blocks_as_among_all(columns):
    similarity = torch.rand(30, columns, generator=torch.Generator().manual_seed(0))
    similarity[3, -5:], similarity[4, :5] = 2 + torch.arange(5), 2 + torch.arange(5)
    index, values = neighbours._largest(similarity, 9)
    plain = similarity.topk(9)
    assert torch.equal(values, plain.values) and torch.equal(index, plain.indices)


def test_many_queries_are_answered_in_parts_alike():
    bank, queries = cloud(30, 0), cloud(2300, 1)
    together = nearest(bank, queries, 3).index
    alone = np.concatenate([nearest(bank, queries[i : i + 100], 3).index for i in range(0, 2300, 100)])
    assert (together == alone).all()
    own = np.arange(2300)
    assert (nearest(queries, queries, 1, own=own).index[:, 0] != own).all()


def test_equally_near_ones_come_in_their_order():
    bank = np.eye(8, dtype=np.float32)[[0, 1, 1, 0, 1, 1, 0, 1]]
    assert nearest(bank, bank[1:2], 3, centre=False).index.tolist() == [[1, 2, 4]]
    assert nearest(bank, bank[:1], 5, "euclidean").index.tolist() == [[0, 3, 6, 1, 2]]
    assert nearest(bank, bank[:1], 99, own=[0]).index.tolist() == [[3, 6, 1, 2, 4, 5, 7]]


def test_a_vector_of_zeros_is_near_to_nobody():
    bank = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    assert nearest(bank, bank[:1], 3, centre=False).proximity.tolist() == [[0, 0, 0]]


def test_each_class_is_shown_by_its_first_image_and_those_nearest_to_it():
    x, y = cloud(50, 0), np.arange(50)[::-1] // 5 % 4
    shown = examples(x, y, 3, 6)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    assert shown[:, 0].tolist() == [0, 5, 10]
    for row in shown:
        others = [j for j in range(50) if j != row[0]]
        assert row[1:].tolist() == sorted(others, key=lambda j: -unit[row[0]] @ unit[j])[:6]


def test_of_images_that_occur_twice_the_one_in_question_stands_first():
    x, y = np.repeat(cloud(10, 0), 2, 0), np.arange(20) % 2
    assert examples(x, y, 2, 2)[:, :2].tolist() == [[0, 1], [1, 0]]


def test_labels_agree_as_often_as_they_are_the_same():
    y = np.array([0, 0, 0, 1, 1])
    index = np.array([[1, 2], [0, 3], [3, 4], [4, 0], [3, 4]])
    assert label_agreement(y, index).tolist() == [1, 0.5, 0, 0.5, 1]
    pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
    assert chance_agreement(y) == pytest.approx(np.mean([y[i] == y[j] for i, j in pairs]))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["array", "tensor"])
def test_codes_in_half_precision_have_the_neighbours_of_their_values(kind, metric):
    half = cloud(40, 3).astype(np.float16)
    half[7] = 0
    rows, near = nearest(kind(half), kind(half[:9]), 5, metric=metric, own=kind(np.arange(9)))
    expected, expected_near = nearest(
        half.astype(np.float64), half[:9].astype(np.float64), 5, metric=metric, own=np.arange(9)
    )
    present = np.arange(9) != 7  # to zeros all are equally near
    assert (np.asarray(rows)[present] == expected[present]).all()
    assert np.allclose(np.asarray(near), expected_near, atol=1e-4)


@pytest.mark.parametrize(
    ("bank", "queries", "k", "own"), [(1, 1, 5, True), (0, 3, 5, False), (5, 0, 2, False), (5, 3, 0, False)]
)
def test_where_nobody_is_left_nobody_is_near(bank, queries, k, own):
    rows, near = nearest(cloud(bank, 0), cloud(queries, 1), k, own=np.arange(queries) if own else None)
    assert rows.shape == near.shape == (queries, min(k, bank - own))


@pytest.mark.parametrize("k", [1, 6, 200])
def test_neighbourhoods_are_the_nearest_of_each_and_never_itself(k):
    x = cloud(40, 0)
    found = neighbourhoods(x, k)
    index = nearest(x, x, k, own=np.arange(40)).index
    assert [set(np.flatnonzero(row)) for row in found] == [set(row) for row in index.tolist()]


def test_all_that_are_as_near_as_the_last_neighbour_are_neighbours():
    x = np.repeat(np.array([[0, 1], [1, 0], [-1, -1]], float), 3, axis=0)
    assert neighbourhoods(x, 1).sum(1).tolist() == [2] * 9, "its two copies"
    assert neighbourhoods(x, 2).sum(1).tolist() == [2] * 9
    assert neighbourhoods(x[:1], 2).tolist() == [[False]]
