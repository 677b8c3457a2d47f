"""Which images models have in common whose vectors lie in different data sets."""

import numpy as np
import pytest

from explorer import Refused, data
from explorer.__main__ import main
from explorer.tasks import compare_rows
from explorer.tasks.finished_vectors import import_vectors
from explorer.tasks.map_rows import SPLITS

QUICK = ("--n", "300", "--permutations", "20", "--labels", "300", "--neighbours", "5")
N = 400


@pytest.fixture
def imported(tmp_path):
    """A function that imports vectors [N, D] with labels and other columns."""

    def put(called, x, **columns):
        np.save(tmp_path / f"{called}.npy", x)
        rows = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
        (tmp_path / f"{called}.csv").write_text("\n".join(rows))
        labels = tmp_path / f"{called}.csv" if columns else None
        return import_vectors(tmp_path / f"{called}.npy", labels, name=called)

    return put


@pytest.fixture
def clouds():
    rng = np.random.default_rng(0)
    y = np.arange(N) % 4
    return rng.normal(size=(N, 6)) + 3 * np.eye(6)[y], y


def test_two_sets_of_one_file_order_are_compared_and_a_rotated_copy_is_zero(imported, clouds, answer):
    x, y = clouds
    imported("mine", x, label=y)
    imported("theirs", x @ np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0], label=y)
    found = answer("compare", "mine", "theirs", "mine", *QUICK)
    assert found["n"] == 300 and found["pairs"][0]["change"]["value"] < 1e-3
    assert found["pairs"][0]["similarity"]["cka"]["value"] == pytest.approx(1, abs=1e-4)
    assert "400 of the 400 rows of mine are rows of theirs, as their places in the file say" in found["notes"]
    assert found["models"][1]["probes"]["knn"]["accuracy"] > 0.8, "the labels of one set belong to the other's rows"


def test_names_decide_whatever_the_order_and_the_rows_that_one_lacks_are_left_out(imported, clouds, answer):
    x, y = clouds
    names, order = np.array([f"image-{i}" for i in range(N)]), np.random.default_rng(2).permutation(N)[:350]
    imported("mine", x, label=y, name=names)
    imported("theirs", x[order], label=y[order], name=names[order])
    found = answer("compare", "mine", "theirs", "mine", *QUICK)
    assert found["pairs"][0]["change"]["value"] < 1e-3
    assert "350 of the 400 rows of mine are rows of theirs, as the names of their rows say" in found["notes"]


def test_the_positions_are_those_of_the_same_rows(imported, clouds):
    x, y = clouds
    for name in ("mine", "theirs"):
        imported(name, x if name == "mine" else -x, label=y)
    first, second = (data.load(name) for name in ("mine", "theirs"))
    mine, theirs, _ = compare_rows.common(first, second)
    vectors = [np.concatenate([of.splits[split].x for split in SPLITS]) for of in (first, second)]
    np.testing.assert_allclose(vectors[0][mine], -vectors[1][theirs])


@pytest.mark.parametrize("how", ["order", "length", "names"])
def test_vectors_of_other_images_are_refused_in_a_sentence(how, imported, clouds, capsys):
    x, y = clouds
    own = {"name": [f"a-{i}" for i in range(N)]} if how == "names" else {}
    other = {"name": [f"b-{i}" for i in range(N)]} if how == "names" else {}
    imported("mine", x, label=y, **own)
    if how == "length":
        imported("theirs", x[:300], label=y[:300])
    else:
        imported("theirs", x, label=np.roll(y, 1) if how == "order" else y, **other)
    assert main(["compare", "mine", "theirs", "mine", *QUICK]) != 0
    said = capsys.readouterr().err
    words = {"order": "400 of 400 rows of mine and theirs have other labels", "names": "none in common",
             "length": "theirs has vectors of its own rows alone, not of mine"}  # fmt: skip
    assert words[how] in said and "Traceback" not in said


def test_vectors_without_pictures_have_nothing_in_common_with_images(imported, clouds):
    imported("mine", clouds[0])
    with pytest.raises(Refused, match="nothing says which rows of digits and mine are the same"):
        compare_rows.common(data.load("digits"), data.load("mine"))
