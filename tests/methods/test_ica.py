"""ICA: sources that were planted, and directions that the images lack."""

import numpy as np
import pytest
import torch

from explorer.core import Split, unit
from tests.methods.coding_cases import learned


def test_ica_finds_sources_that_were_planted():
    rng = np.random.default_rng(0)
    sources = rng.uniform(-1, 1, (2000, 3)) ** 3  # far from Gaussian, and independent
    x = 0.5 + 0.15 * sources @ rng.uniform(-1, 1, (3, 16))
    images = torch.from_numpy((255 * x.clip(0, 1)).round().astype(np.uint8)).view(-1, 1, 4, 4)
    split = Split(images, torch.zeros(2000, dtype=torch.long), ("a",), "planted")
    found = learned("ica", {"components": 3}, split)[0].embed(unit(images)).numpy()
    cosines = np.abs(np.corrcoef(found.T, sources.T)[:3, 3:])
    assert (cosines.max(0) > 0.98).all(), cosines
    assert sorted(cosines.argmax(0)) == [0, 1, 2]


def test_ica_of_more_directions_than_the_images_have_stays_finite(digits):
    method, _ = learned("ica", {"components": 64, "iterations": 20}, digits)  # some pixels of digits never change
    z = method.embed(unit(digits.x))
    assert z.abs().max() < 100
    silent = (z == 0).all(0)
    assert 0 < silent.sum() < 20
    assert z[:, ~silent].var(0).numpy() == pytest.approx(np.ones(int((~silent).sum())), rel=0.02)
    assert method.loss(unit(digits.x))["loss"] < 1e-4
