"""All classical codes: a fit leaves better codes than it began with."""

import pytest

from explorer.core import unit
from explorer.train import Fit
from tests.methods.coding_cases import CLASSICAL, made


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_fit_leaves_better_codes_than_it_found(name, digits):
    method, cfg = made(name, {}, digits)
    before = method.loss(unit(digits.x))["loss"]
    [step] = Fit(method, digits, cfg)
    after = method.loss(unit(digits.x))["loss"]
    assert after < 0.7 * before
    assert step.out["loss"].item() == pytest.approx(after.item(), rel=0.2)
