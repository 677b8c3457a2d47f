"""Surrogate classes: which image has which, and how often it is shown."""

import math

import pytest
import torch

from explorer.core import TrainConfig, generator
from explorer.train import validate
from tests.methods.pretext_cases import batch, images, made


def test_an_image_keeps_its_class_and_no_other_is_shown():
    method, data = made("exemplar", surrogates=12), images()
    seen = set()
    for epoch in range(4):
        order = torch.randperm(40, generator=generator(0, epoch))
        shown = method.sample(data, order, 16)
        seen |= set(zip(shown.index.tolist(), method.views(shown, generator(epoch))["label"].tolist(), strict=True))
    assert len(seen) == len({row for row, _ in seen}) == 12
    assert {label for _, label in seen} == set(range(12))


@pytest.mark.parametrize(("rows", "surrogates"), [(40, 12), (40, 16), (40, 40), (41, 20)])
def test_no_class_is_shown_more_often_in_the_long_run(rows, surrogates):
    method, data, epochs = made("exemplar", rows=rows, surrogates=surrogates), images(rows), 400
    shown = torch.zeros(surrogates, dtype=torch.long)
    for epoch in range(epochs):
        order = torch.randperm(rows, generator=generator(0, epoch))
        once = [method.class_of[method.sample(data, order[i:], 16).index] for i in range(0, rows, 16)]
        counts = torch.cat(once).bincount(minlength=surrogates)
        assert counts.max() - counts.min() == (rows % surrogates > 0), "once more for some in each epoch"
        shown += counts
    assert shown.tolist() == pytest.approx([epochs * rows / surrogates] * surrogates, abs=5 * epochs**0.5 / 2)


def test_all_images_are_classes_where_there_are_fewer_than_asked_for():
    method = made("exemplar", surrogates=1000)
    assert method.chance(32) == pytest.approx(math.log(40))
    shown = method.sample(images(), torch.arange(40), 40)
    assert sorted(method.views(shown, generator(0))["label"].tolist()) == list(range(40))


def test_held_out_images_are_asked_for_the_same_class_twice():
    method = made("exemplar", surrogates=12)
    method.eval()
    far = batch()._replace(index=torch.arange(1000, 1032))  # rows of another split, beyond all that it knows
    label = method.views(far, generator(0))["label"]
    assert label.min() >= 0
    assert label.max() < 12
    held = validate(method, images(64), TrainConfig(batch=32))
    assert math.isfinite(held["loss"])
    assert held["loss"] < math.log(12) * 1.2
