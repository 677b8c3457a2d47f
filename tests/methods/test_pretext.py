"""Tasks that images set themselves: the answer is in the pixels, and who knows it pays nothing."""

import math

import pytest
import torch

from explorer import Refused
from explorer.augment import AROUND, turned
from explorer.core import generator
from explorer.losses import counting
from explorer.methods import METHODS
from tests.methods.pretext_cases import batch, made, number, numbered

# -------------------------------------------------------------------------------------------- answers


def test_the_turn_is_the_one_that_the_image_was_given():
    method, images = made("rotation"), batch()
    views = method.views(images, generator(0))
    assert torch.equal(turned(views["turned"], -views["turns"]), images.x)
    assert len(views["turns"].unique()) == 4


@pytest.mark.parametrize("grid", [2, 3])
def test_the_direction_leads_from_the_first_tile_to_the_second(grid):
    views = made("relative_patch", grid=grid).views(numbered(grid=grid), generator(0))
    first, second = number(views["pair"], grid).unbind(1)
    step = torch.stack([second // grid - first // grid, second % grid - first % grid], 1)
    assert torch.equal(step, torch.tensor(AROUND)[views["direction"]])


@pytest.mark.parametrize("grid", [2, 3])
def test_the_order_is_the_one_that_the_tiles_came_in(grid):
    method = made("jigsaw", grid=grid)
    views = method.views(numbered(grid=grid), generator(0))
    assert torch.equal(number(views["shuffled"], grid), method.permutations[views["order"]])
    assert len(views["order"].unique()) > 10


def knowing(method, logits, of):
    """Lets the method answer what `of` reads off the pixels."""
    setattr(method, logits, lambda parts: 50.0 * torch.nn.functional.one_hot(of(parts), logits_of(method)).float())
    return method


def logits_of(method):
    return round(math.exp(method.chance(32)))


def test_who_reads_the_numbers_of_the_tiles_makes_no_mistake_and_puts_the_picture_together():
    method, images = made("jigsaw"), numbered()
    knowing(method, "orders", lambda parts: (number(parts)[:, None] == method.permutations).all(2).int().argmax(1))
    out = method.loss(**method.views(images, generator(0)))
    assert out["accuracy"] == 1
    assert out["loss"] < 1e-6
    pictures = method.gallery(images.x)
    seen = pictures["put together"] != 0.5  # grey where there is no tile
    assert torch.equal(pictures["put together"][seen], images.x[seen])
    assert not torch.equal(pictures["shuffled"], pictures["put together"])


def test_who_reads_the_numbers_of_both_tiles_knows_the_direction():
    def direction(pair):
        first, second = number(pair).unbind(1)
        step = torch.stack([second // 3 - first // 3, second % 3 - first % 3], 1)
        return (step[:, None] == torch.tensor(AROUND)).all(2).int().argmax(1)

    method, images = made("relative_patch"), numbered()
    knowing(method, "directions", direction)
    assert method.loss(**method.views(images, generator(0)))["accuracy"] == 1
    pictures = method.gallery(images.x)
    assert torch.equal(pictures["neighbour"], pictures["where it is put"])


def test_tiles_are_shown_in_one_colour_unless_that_is_switched_off():
    images = batch(channels=3)
    pair = made("relative_patch", channels=3).views(images, generator(0))["pair"]
    assert torch.equal(pair[:, :, 0], pair[:, :, 2])
    kept = made("relative_patch", channels=3, drop_colours=False)
    pair = kept.views(images, generator(0))["pair"]
    assert not torch.equal(pair[:, :, 0], pair[:, :, 2])


@pytest.mark.parametrize("name", ["jigsaw", "relative_patch", "combined"])
def test_no_gap_breaks_on_purpose(name):
    broken = METHODS[name].hyperparameters({"gap": 0})
    assert "edges" in broken.ablated()["gap"]
    assert broken.restored() == METHODS[name].hyperparameters({})


# ------------------------------------------------------------------------------------------- counting


def test_a_counter_of_pixels_pays_nothing_for_its_own_image():
    method, images = made("counting", margin=0.01, grey=0.0), batch()
    views = method.views(images, generator(0))

    def area(parts):  # the grey in it, as if each pixel of the smaller image were four
        return parts.sum((2, 3, 4))[..., None]

    whole, quarters, other = (
        4 * area(views["whole"][:, None])[:, 0],
        area(views["quarters"]),
        area(views["another"][:, None]),
    )
    own = counting(whole, quarters, 4 * other[:, 0], 1e-9)
    assert own < 1e-2 * whole.mean()
    assert torch.equal(quarters.sum(1)[:, 0].round(), images.x.sum((1, 2, 3)).round())


def test_the_other_image_is_never_the_same_one():
    views = made("counting", grey=0.0).views(batch(), generator(0))
    assert not (views["whole"] == views["another"]).flatten(1).all(1).any()


def test_counts_are_not_negative_and_who_counts_nothing_pays_the_margin():
    method = made("counting", margin=7.0)
    views = method.views(batch(), generator(0))
    assert method.count(views["quarters"]).min() >= 0
    torch.nn.init.zeros_(method.head.weight)
    assert method.loss(**views)["loss"] == 7 == method.chance(32)


# ------------------------------------------------------------------------------------------- combined


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


# ------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("name", "size", "hyperparameters", "words"),
    [
        ("jigsaw", 8, {"grid": 3}, r"jigsaw cuts images of 8x8 into 3x3 tiles of 2 pixels, and 4 .* choose grid 2 or"),
        ("jigsaw", 8, {"gap": 0.3}, r"choose gap 0.24 or less or images of at least 10x10 pixels"),
        ("jigsaw", 16, {"permutations": 100}, r"100 orders of 2x2 tiles apart, there are 24: choose 24"),
        ("relative_patch", 16, {"grid": 3, "gap": 0.4}, r"choose gap 0.39 or less or grid 2"),
        ("combined", 8, {"jitter": 0.3}, r"choose jitter 0.24 or less"),
        (
            "combined",
            8,
            {"rotation": False, "relative_patch": False, "jigsaw": False},
            r"^combined: at least one task must be on: .* rotation, relative_patch, jigsaw, inpainting$",
        ),
        ("relative_patch", 24, {"grid": 1}, r"choose 2 or 3"),
        ("relative_patch", 6, {}, r"at least 8x8"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_rule_and_what_would(name, size, hyperparameters, words):
    with pytest.raises(Refused, match=words):
        made(name, size=size, **hyperparameters)


def test_a_combination_without_tiles_takes_any_cut():
    made("combined", size=8, relative_patch=False, jigsaw=False, grid=3)
