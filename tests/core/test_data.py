"""Each kind of data has a shape and a way to become numbers, and a method says which kind it needs."""

import pytest
import torch

from explorer.core import MODALITIES, DataSpec, Needs, Split
from explorer.data import DISPLAYS

IMAGE = DataSpec.image("digits", 1, 8, ("a", "b"), 40)
TEXT = DataSpec("poems", "text", (12,), ("a", "b"), 40, vocabulary=99)


def test_the_kinds_that_can_be_stored_are_those_that_become_numbers():
    assert MODALITIES.keys() == DISPLAYS.keys() == {"image", "text", "audio", "vector", "video"}
    assert all(len(MODALITIES[kind].axes) == DISPLAYS[kind].dimensions for kind in MODALITIES)


@pytest.mark.parametrize(
    ("modality", "stored", "numbers"),
    [
        ("image", torch.tensor([[[[0, 51], [102, 255]]]], dtype=torch.uint8), torch.tensor([[[[0, 0.2], [0.4, 1]]]])),
        ("text", torch.tensor([[0, 40_000]], dtype=torch.int32), torch.tensor([[0, 40_000]])),
        ("audio", torch.tensor([[[-32768, 16384]]], dtype=torch.int16), torch.tensor([[[-1, 0.5]]])),
        ("video", torch.full((1, 2, 1, 1, 1), 255, dtype=torch.uint8), torch.ones(1, 2, 1, 1, 1)),
    ],
)
def test_each_kind_becomes_numbers_in_its_own_way(modality, stored, numbers):
    split = Split(stored, torch.zeros(1, dtype=torch.long), ("a",), "none", modality, vocabulary=7, rate=8000)
    batch = split.batch(torch.tensor([0]))
    assert batch.x.dtype == numbers.dtype and torch.allclose(batch.x, numbers)
    assert batch.modality == modality
    spec = split.spec("name")
    assert (spec.modality, spec.shape, spec.vocabulary, spec.rate) == (modality, tuple(stored.shape[1:]), 7, 8000)
    assert torch.equal(spec.numbers(stored), batch.x)
    few = split.take(torch.tensor([0, 0]))
    assert (len(few), few.modality, few.vocabulary, few.rate) == (2, modality, 7, 8000)


def test_a_shape_that_is_none_of_its_kind_is_an_error_that_names_the_axes():
    with pytest.raises(ValueError, match="must have channels, height, width"):
        DataSpec("digits", "image", (8, 8), ("a",), 40)
    with pytest.raises(TypeError, match="poems is text, which has no width but words"):
        _ = TEXT.size


@pytest.mark.parametrize(
    ("needs", "spec", "rule"),
    [
        (Needs(), IMAGE, None),
        (Needs(), TEXT, "needs image data, and poems is text data"),
        (Needs("text"), TEXT, None),
        (Needs("text"), IMAGE, "needs text data, and digits is image data"),
        (Needs(colour=True), IMAGE, "needs colour images, and digits is grey"),
        (Needs(min_size=9), IMAGE, "needs images of at least 9x9, and digits has 8x8"),
    ],
)
def test_a_method_refuses_what_it_does_not_need(needs, spec, rule):
    assert needs.unmet(spec) == rule
