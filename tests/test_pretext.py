"""Tasks that images set themselves: the answer is in the pixels, and who knows it pays nothing."""

import math

import pytest
import torch

from explorer import Refused
from explorer.augment import AROUND, turned
from explorer.core import Batch, DataSpec, Split, TrainConfig, address
from explorer.losses import counting
from explorer.methods import METHODS
from explorer.models import fresh
from explorer.nn import ChannelWise, far_apart
from explorer.train import Fit, validate


def made(name, size=24, channels=1, rows=40, **knobs):
    spec = DataSpec("test", channels, size, ("a", "b"), rows)
    return fresh(name, knobs, METHODS[name].training({"encoder": "conv", "width": 0.25}), spec)


def batch(n=32, size=24, channels=1):
    x = torch.rand(n, channels, size, size, generator=address(0, "images"))
    return Batch(x, torch.zeros(n, dtype=torch.long), torch.arange(n))


def numbered(n=32, size=24, grid=3):
    """Images whose tiles say by their grey which they are: tile i of g*g is i / (g*g)."""
    x = torch.arange(grid * grid).view(1, 1, grid, grid) / grid**2
    x = x.repeat_interleave(size // grid, 2).repeat_interleave(size // grid, 3).expand(n, -1, -1, -1)
    return Batch(x, torch.zeros(n, dtype=torch.long), torch.arange(n))


def number(parts, grid=3):
    """Which tiles these are, by their grey."""
    return (parts.mean((2, 3, 4)) * grid**2).round().long()


# -------------------------------------------------------------------------------------------- answers


def test_the_turn_is_the_one_that_the_image_was_given():
    method, images = made("rotation"), batch()
    views = method.views(images, address(0))
    assert torch.equal(turned(views["turned"], -views["turns"]), images.x)
    assert len(views["turns"].unique()) == 4


@pytest.mark.parametrize("grid", [2, 3])
def test_the_direction_leads_from_the_first_tile_to_the_second(grid):
    views = made("relative_patch", grid=grid).views(numbered(grid=grid), address(0))
    first, second = number(views["pair"], grid).unbind(1)
    step = torch.stack([second // grid - first // grid, second % grid - first % grid], 1)
    assert torch.equal(step, torch.tensor(AROUND)[views["direction"]])


@pytest.mark.parametrize("grid", [2, 3])
def test_the_order_is_the_one_that_the_tiles_came_in(grid):
    method = made("jigsaw", grid=grid)
    views = method.views(numbered(grid=grid), address(0))
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
    out = method.loss(**method.views(images, address(0)))
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
    assert method.loss(**method.views(images, address(0)))["accuracy"] == 1
    pictures = method.gallery(images.x)
    assert torch.equal(pictures["neighbour"], pictures["where it is put"])


def test_tiles_are_shown_in_one_colour_unless_that_is_switched_off():
    images = batch(channels=3)
    pair = made("relative_patch", channels=3).views(images, address(0))["pair"]
    assert torch.equal(pair[:, :, 0], pair[:, :, 2])
    kept = made("relative_patch", channels=3, drop_colours=False)
    pair = kept.views(images, address(0))["pair"]
    assert not torch.equal(pair[:, :, 0], pair[:, :, 2])


@pytest.mark.parametrize("name", ["jigsaw", "relative_patch", "combined"])
def test_no_gap_breaks_on_purpose(name):
    broken = METHODS[name].knobs({"gap": 0})
    assert "edges" in broken.broken()["gap"]
    assert broken.healed() == METHODS[name].knobs({})


# --------------------------------------------------------------------------------------- permutations


def distances(orders):
    d = (orders[:, None] != orders[None]).sum(2)
    return d[~torch.eye(len(orders), dtype=torch.bool)]


@pytest.mark.parametrize(
    ("tiles", "count", "least"), [(4, 24, 2), (4, 4, 4), (9, 9, 8), (9, 24, 7), (9, 64, 6), (9, 1000, 4)]
)
def test_orders_are_far_apart_and_each_is_there_once(tiles, count, least):
    orders = far_apart(tiles, count)
    assert torch.equal(orders.sort(1).values, torch.arange(tiles).expand(count, -1))
    assert len(orders.unique(dim=0)) == count
    assert distances(orders).min() >= least
    assert torch.equal(orders, far_apart(tiles, count))


def test_chosen_orders_are_farther_apart_than_random_ones():
    chosen = distances(far_apart(9, 64))
    for seed in range(5):
        drawn = distances(torch.rand(64, 9, generator=address(seed)).argsort(1))
        assert chosen.min() > drawn.min()
        assert chosen.float().mean() > drawn.float().mean()


def test_orders_that_were_handed_out_can_be_changed_without_harm():
    far_apart(4, 6).zero_()
    assert far_apart(4, 6).sum() == 6 * 6


# ------------------------------------------------------------------------------------------- counting


def test_a_counter_of_pixels_pays_nothing_for_its_own_image():
    method, images = made("counting", margin=0.01, grey=0.0), batch()
    views = method.views(images, address(0))

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
    views = made("counting", grey=0.0).views(batch(), address(0))
    assert not (views["whole"] == views["another"]).flatten(1).all(1).any()


def test_counts_are_not_negative_and_who_counts_nothing_pays_the_margin():
    method = made("counting", margin=7.0)
    views = method.views(batch(), address(0))
    assert method.count(views["quarters"]).min() >= 0
    torch.nn.init.zeros_(method.head.weight)
    assert method.loss(**views)["loss"] == 7 == method.chance(32)


# ------------------------------------------------------------------------------------------- exemplar


def images(rows=40, size=24):
    x = torch.randint(0, 256, (rows, 1, size, size), generator=address(0, "rows"), dtype=torch.uint8)
    return Split(x, torch.zeros(rows, dtype=torch.long), ("a", "b"), "none")


def test_an_image_keeps_its_class_and_no_other_is_shown():
    method, data = made("exemplar", surrogates=12), images()
    seen = set()
    for epoch in range(4):
        order = torch.randperm(40, generator=address(0, epoch))
        shown = method.sample(data, order, 16)
        seen |= set(zip(shown.index.tolist(), method.views(shown, address(epoch))["label"].tolist(), strict=True))
    assert len(seen) == len({row for row, _ in seen}) == 12
    assert {label for _, label in seen} == set(range(12))


def test_all_images_are_classes_where_there_are_fewer_than_asked_for():
    method = made("exemplar", surrogates=1000)
    assert method.chance(32) == pytest.approx(math.log(40))
    shown = method.sample(images(), torch.arange(40), 40)
    assert sorted(method.views(shown, address(0))["label"].tolist()) == list(range(40))


def test_held_out_images_are_asked_for_the_same_class_twice():
    method = made("exemplar", surrogates=12)
    method.eval()
    far = batch()._replace(index=torch.arange(1000, 1032))  # rows of another split, beyond all that it knows
    label = method.views(far, address(0))["label"]
    assert label.min() >= 0
    assert label.max() < 12
    held = validate(method, images(64), TrainConfig(batch=32))
    assert math.isfinite(held["loss"])
    assert held["loss"] < math.log(12) * 1.2


# ------------------------------------------------------------------------------------ context encoder


def test_a_channel_wise_layer_mixes_places_and_no_channels():
    layer, x = ChannelWise(3, 4), torch.rand(2, 3, 4, 4, generator=address(0))
    moved = x.clone()
    moved[:, 1, 2, 2] += 1
    changed = (layer(x) != layer(moved)).flatten(2).float().mean(2)
    assert torch.equal(changed[0] > 0.9, torch.tensor([False, True, False]))
    slow = sum(x[1, 2].flatten()[p] * layer.weight[2, p] for p in range(16)) + layer.bias[2]
    torch.testing.assert_close(layer(x)[1, 2].flatten(), slow)


@pytest.mark.parametrize("kind", ["centre", "block", "region"])
def test_the_encoder_sees_nothing_of_what_it_must_fill(kind):
    method, one = made("context_encoder", kind=kind), batch()
    views = method.views(one, address(0))
    other = one._replace(x=torch.where(views["hole"], 1 - one.x, one.x))
    assert torch.equal(views["hidden"], method.views(other, address(0))["hidden"])
    pictures = method.gallery(one.x)
    same = pictures["filled"] == one.x
    assert torch.equal(same.float().mean() > 0.5, torch.tensor(True))
    assert torch.equal(pictures["filled"][pictures["hidden"] == one.x], one.x[pictures["hidden"] == one.x])


def test_only_the_hole_is_paid_for():
    method = made("context_encoder")
    views = method.views(batch(), address(0))
    loss = method.loss(**views)["loss"]
    elsewhere = torch.where(views["hole"], views["image"], 1 - views["image"])
    inside = torch.where(views["hole"], 1 - views["image"], views["image"])
    assert method.loss(**{**views, "image": elsewhere})["loss"] == loss
    assert method.loss(**{**views, "image": inside})["loss"] != loss


def test_each_player_learns_from_its_own_loss_alone():
    data, cfg = images(32), TrainConfig(batch=32, epochs=1, width=0.25)

    def after(frozen):
        method = made("context_encoder", adversarial=True, weight=0.5)
        everything = method.players()
        method.players = lambda: {name: p for name, p in everything.items() if name != frozen}
        before = {name: [p.clone() for p in part] for name, part in everything.items()}
        list(Fit(method, data, cfg))
        return {
            name: any(not torch.equal(a, b) for a, b in zip(before[name], part, strict=True))
            for name, part in everything.items()
        }

    assert after("loss") == {"loss": False, "adversary": True}
    assert after("adversary") == {"loss": True, "adversary": False}


def test_no_gradient_of_the_adversarys_loss_reaches_the_encoder():
    method = made("context_encoder", adversarial=True)
    out = method.loss(**method.views(batch(), address(0)))
    fillers, judge = method.players()["loss"], method.players()["adversary"]
    assert not {*map(id, fillers)} & {*map(id, judge)}
    assert {*map(id, fillers), *map(id, judge)} == {*map(id, method.parameters())}
    gradients = torch.autograd.grad(out["adversary"], fillers, retain_graph=True, allow_unused=True)
    assert all(g is None for g in gradients)
    fooled = torch.autograd.grad(out["loss"], fillers, allow_unused=True)
    assert any(g is not None and g.abs().sum() > 0 for g in fooled)


# ------------------------------------------------------------------------------------------- combined


@pytest.mark.parametrize(
    "on", [["rotation"], ["relative_patch"], ["jigsaw"], ["inpainting"], ["rotation", "jigsaw", "inpainting"]]
)
def test_a_combination_weighs_its_tasks_alike(on):
    tasks = ("rotation", "relative_patch", "jigsaw", "inpainting")
    method = made("combined", **{task: task in on for task in tasks})
    views = method.views(batch(), address(0))
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
    ("name", "size", "knobs", "words"),
    [
        ("jigsaw", 8, {"grid": 3}, r"jigsaw cuts images of 8x8 into 3x3 tiles of 2 pixels, and 4 .* choose grid 2 or"),
        ("jigsaw", 8, {"gap": 0.3}, r"choose gap 0.24 or less or images of at least 10x10 pixels"),
        ("jigsaw", 16, {"permutations": 100}, r"100 orders of 2x2 tiles apart, there are 24: choose 24"),
        ("relative_patch", 16, {"grid": 3, "gap": 0.4}, r"choose gap 0.39 or less or grid 2"),
        ("combined", 8, {"jitter": 0.3}, r"choose jitter 0.24 or less"),
        ("combined", 8, {"rotation": False, "relative_patch": False, "jigsaw": False}, r"no task is left: switch on"),
        ("relative_patch", 24, {"grid": 1}, r"choose 2 or 3"),
        ("relative_patch", 6, {}, r"at least 8x8"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_rule_and_what_would(name, size, knobs, words):
    with pytest.raises(Refused, match=words):
        made(name, size=size, **knobs)


def test_a_combination_without_tiles_takes_any_cut():
    made("combined", size=8, relative_patch=False, jigsaw=False, grid=3)
