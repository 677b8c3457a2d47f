"""Contrast end to end: the keys learn, and the batch is the negatives."""

import pytest
import torch

from explorer.core import generator
from explorer.losses import info_nce_in_batch
from tests.methods.contrastive_cases import made


@pytest.mark.parametrize(("name", "reached"), [("end_to_end", True), ("moco", False)])
def test_the_gradient_reaches_the_keys_end_to_end_and_not_through_a_queue(name, reached, batch):
    method = made(name)
    views = {caption: view.requires_grad_() for caption, view in method.views(batch, generator(1)).items()}
    method.loss(**views)["loss"].backward()
    assert views["query"].grad.any()
    assert (views["key"].grad is not None) == reached


def test_the_negatives_of_end_to_end_contrast_are_the_other_keys_of_the_batch(batch):
    method = made("end_to_end")
    views = method.views(batch, generator(1))
    q, k = method.project(views["query"]), method.project(views["key"])
    torch.testing.assert_close(method.loss(**views)["loss"], info_nce_in_batch(q, k, method.cfg.temperature))
