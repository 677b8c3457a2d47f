"""PCA: the singular value decomposition, in one step."""

import numpy as np
import pytest

from explorer import runs
from explorer.__main__ import main
from explorer.core import unit
from tests.methods.coding_cases import flat, learned


def test_pca_is_the_singular_value_decomposition(digits):
    method, _ = learned("pca", {"components": 6}, digits)
    x = flat(digits)
    _, s, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    same = np.abs((method.components.double().numpy() * axes[:6]).sum(1))
    assert same == pytest.approx(np.ones(6), abs=1e-5)
    assert method.share.numpy() == pytest.approx((s**2 / (s**2).sum())[:6], rel=1e-4)
    z = method.embed(unit(digits.x))
    assert z.var(0).numpy() == pytest.approx(s[:6] ** 2 / (len(x) - 1), rel=1e-3)
    best = (((x - x.mean(0)) @ axes[:6].T @ axes[:6] + x.mean(0) - x) ** 2).mean()
    assert method.loss(unit(digits.x))["loss"].item() == pytest.approx(best, rel=1e-4)


def test_a_method_without_players_makes_a_finished_run(answer):
    made = answer("train", "pca", "digits", "--foreground", "--threads", "1", "--components", "8")
    run = runs.get(made["run"])
    assert (made["state"], run.status.step) == ("done", 1)
    assert made["scores"]["knn"] > 0.8
    assert made["scores"]["dim"] == 8
    losses = [row["val_loss"] for row in run.metrics() if "val_loss" in row]
    assert len(losses) == 1
    assert run.frames() == [0, 1]


def test_too_many_components_for_a_subset_are_refused_in_one_sentence(capsys):
    assert main(["train", "pca", "digits", "--foreground", "--json", "--subset", "20"]) != 0
    said = capsys.readouterr()
    assert "choose components 20" in said.out + said.err
