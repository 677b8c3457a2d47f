"""Several pretext tasks at once, weighed alike."""

import math

import pytest
import torch

from explorer.core import generator
from tests.methods.pretext_cases import batch, made


@pytest.mark.parametrize(
    "on", [["rotation"], ["relative_patch"], ["jigsaw"], ["inpainting"], ["rotation", "jigsaw", "inpainting"]]
)
def test_a_combination_weighs_its_tasks_alike(on):
    tasks = ("rotation", "relative_patch", "jigsaw", "inpainting")
    method = made("combined", **{task: task in on for task in tasks})
    views = method.views(batch(), generator(0))
    out = method.loss(**views)
    answers = {"rotation": ("turns", 4), "relative_patch": ("direction", 8), "jigsaw": ("order", 24)}
    shares = {}
    for task in on:
        if task == "inpainting":
            painted, each = method.paint(views["hidden"]), []
            for fill, image, where in zip(painted, views["image"], views["hole"], strict=True):
                error, grey = ((made_of - image).square()[where].mean() for made_of in (fill, torch.tensor(0.5)))
                each.append(float(error / grey))
            shares[task] = sum(each) / len(each)
        else:
            name, choices = answers[task]
            guesses = method.answers(task, views)
            shares[task] = float(torch.nn.functional.cross_entropy(guesses, views[name])) / math.log(choices)
    assert set(out) & set(tasks) == set(on)
    assert {task: out[task].item() for task in on} == pytest.approx(shares, rel=1e-4)
    assert out["loss"].item() == pytest.approx(sum(shares.values()) / len(on), rel=1e-4)
    assert all(0 <= out[f"{task}_accuracy"] <= 1 for task in on if task != "inpainting")


def test_a_combination_without_tiles_takes_any_cut():
    made("combined", size=8, relative_patch=False, jigsaw=False, grid=3)
