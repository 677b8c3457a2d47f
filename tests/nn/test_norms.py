"""Normalisation: where methods have it, and where it can be left out."""

import pytest

from explorer.nn.norms import NORMS
from tests.methods.contrastive_cases import made


@pytest.mark.parametrize(("name", "hyperparameter"), [("byol", "batch_norm"), ("cpc", "layer_norm")])
def test_batch_norm_can_be_left_out_everywhere(name, hyperparameter):
    def norms(method):
        return [layer for layer in method.modules() if isinstance(layer, NORMS)]

    with_batch_norm = hyperparameter == "batch_norm"
    assert norms(made(name, **{hyperparameter: with_batch_norm}))
    assert not norms(made(name, **{hyperparameter: not with_batch_norm}))
