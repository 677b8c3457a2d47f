"""The loop: what an epoch sees and at which resolution, what a view must be, and that validation changes nothing."""

import pytest
import torch
from torch import nn

from explorer.core import ENCODERS, Method, MethodConfig
from explorer.distributed import TorchProcessGroup
from explorer.methods import METHODS
from explorer.train import Fit, mine, steps_per_epoch, validate
from tests.methods.contract_cases import fitting, made, split


def sampled(method):
    """The rows of the batches that this method will be given."""
    seen, original = [], method.sample

    def sample(data, order, n):
        batch = original(data, order, n)
        seen.append(batch.index.tolist())
        return batch

    method.sample = sample
    return seen


def test_an_epoch_sees_images_once_in_full_batches_and_leaves_out_others_in_each():
    method, data, cfg = made("autoencoder", "mlp", "grey", batch=16, epochs=3)
    fit, seen = Fit(method, data, cfg), sampled(method)
    steps = list(fit)
    assert [len(rows) for rows in seen] == [16] * 6
    epochs = [set(seen[i] + seen[i + 1]) for i in (0, 2, 4)]
    assert [len(epoch) for epoch in epochs] == [32] * 3, "none twice"
    assert epochs[0] | epochs[1] | epochs[2] == set(range(40))
    assert [step.images for step in steps] == [16, 32, 48, 64, 80, 96]
    assert [step.ends_epoch for step in steps] == [False, True] * 3


@pytest.mark.parametrize(("rows", "batch", "steps"), [(40, 16, 2), (32, 16, 2), (31, 16, 1), (16, 16, 1), (3, 16, 1)])
def test_an_epoch_has_as_many_steps_as_full_batches_and_at_least_one(rows, batch, steps):
    assert steps_per_epoch(rows, batch) == steps


@pytest.mark.parametrize("name", METHODS)
def test_fewer_images_than_a_batch_are_one_batch(name):
    method, data, cfg = made(name, "conv", fitting(name, "colour"), batch=64)
    seen = sampled(method)
    steps = list(Fit(method, data, cfg))
    assert all(len(rows) == 40 for rows in seen)
    assert [step.images for step in steps] == ([40, 80] if method.players() else [40])


class Odd(Method):
    """A method whose second view has a shape of the test's choice."""

    def __init__(self, shape):
        super().__init__(MethodConfig(), split("grey").spec("test"))
        self.shape, self.weight = shape, nn.Parameter(torch.ones(()))

    def views(self, batch, rng):
        return {"image": batch.x, "table": torch.ones(self.shape)}

    def loss(self, image, table):
        return {"loss": (self.weight * image.mean() * table.mean()), "rows": table.detach()}


@pytest.mark.parametrize("shape", [(), (15,), (17, 4), (1, 16)])
def test_a_view_without_a_row_for_each_image_is_refused_unless_it_is_common(shape, monkeypatch):
    _, data, cfg = made("autoencoder", "mlp", "grey", batch=16)
    with pytest.raises(TypeError, match=r"view table of Odd has shape .* not a row for each of 16 .* in common_views"):
        next(Fit(Odd(shape), data, cfg))
    monkeypatch.setattr(Odd, "common_views", ("table",))
    assert next(Fit(Odd(shape), data, cfg)).out["rows"].shape == shape


def test_a_common_view_as_long_as_the_batch_is_given_whole_to_each_device(monkeypatch):
    data = split("grey")
    batch, two = data.batch(torch.arange(16)), TorchProcessGroup(0, 2)
    views = Odd((16, 3)).views(batch, None)

    def rows(method):
        return {name: len(mine(two, method, name, view, 16)) for name, view in views.items()}

    assert rows(Odd((16, 3))) == {"image": 8, "table": 8}
    monkeypatch.setattr(Odd, "common_views", ("table",))
    assert rows(Odd((16, 3))) == {"image": 8, "table": 16}


def sides_of(method):
    """The sides of the images that the encoder of a method will see in learning."""
    seen, original = [], method.encoder.feature_map

    def feature_map(x):
        seen.append(x.shape[-1])
        return original(x)

    method.encoder.feature_map = feature_map
    return seen


@pytest.mark.parametrize("encoder", [name for name in ENCODERS if ENCODERS[name].any_size])
@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].any_size])
def test_the_first_share_of_the_steps_sees_half_the_resolution_and_the_others_all_of_it(name, encoder):
    method, data, cfg = made(name, encoder, "colour", half_resolution=0.7)  # of 4 steps
    seen, largest = sides_of(method), []
    for _ in Fit(method, data, cfg):
        largest.append(max(seen))
        seen.clear()
    assert largest == [8, 8, 8, 16]


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].any_size and METHODS[name].Config.crops])
def test_small_crops_are_cut_from_whole_images(name):
    method, data, cfg = made(name, "conv", "colour", half_resolution=0.5)
    batch = Fit(method, data, cfg).resized(data.batch(torch.arange(16)))
    assert torch.equal(batch.x, data.batch(torch.arange(16)).x) and batch.side == 8
    views = method.views(batch, torch.Generator().manual_seed(0))
    assert max(view.shape[-1] for view in views.values() if view.ndim == 4) == 8


def test_images_of_half_the_resolution_are_the_means_of_their_pixels():
    method, data, cfg = made("rotation", "conv", "colour", half_resolution=0.5)
    batch = data.batch(torch.arange(16))
    half = Fit(method, data, cfg).resized(batch).x
    smooth = torch.nn.functional.avg_pool2d(batch.x, 2)
    assert half.shape == smooth.shape
    assert (half - smooth).abs().mean() < 0.5 * (half - batch.x[..., ::2, ::2]).abs().mean()


class Prepared(Odd):
    """A method that looks at images before its first step."""

    def __init__(self):
        super().__init__((16, 1))
        self.register_buffer("mean", torch.zeros(()))
        self.calls = []

    def prepare(self, images):
        self.calls.append(images)
        self.mean.copy_(images.mean())


def test_a_method_is_prepared_once_with_training_images_and_not_again_where_it_goes_on():
    _, data, cfg = made("autoencoder", "mlp", "grey", batch=16)
    method = Prepared()
    fit = Fit(method, data, cfg)
    [images] = method.calls
    assert images.shape == data.x.shape and images.max() <= 1
    list(fit)
    assert len(method.calls) == 1
    again = Prepared()
    Fit(again, data, cfg, fit.state())
    assert again.calls == [] and again.mean == method.mean != 0


def test_validation_is_the_same_each_time_and_changes_nothing():
    method, data, cfg = made("simclr", "conv", "colour")
    before = {key: value.clone() for key, value in method.state_dict().items()}
    assert validate(method, data, cfg) == validate(method, data, cfg)
    assert all(torch.equal(value, method.state_dict()[key]) for key, value in before.items())


def test_a_training_computes_with_no_denormal_numbers():
    if not torch.set_flush_denormal(False):
        pytest.skip("this processor cannot flush them")
    tiny = torch.tensor([1e-40])
    assert (tiny * 0.5).item() > 0
    method, data, cfg = made("autoencoder", "mlp", "grey", batch=16)
    next(Fit(method, data, cfg))
    assert (tiny * 0.5).item() == 0


@pytest.mark.parametrize("t", [1, 2, 3, 5])
def test_a_training_of_an_older_version_goes_on_exactly_with_its_last_smaller_batches(t):
    """Of 40 images in batches of 16 there were three steps, the third with 8."""

    def older():
        fit = Fit(*made("autoencoder", "mlp", "grey", batch=16, epochs=2))
        fit.per_epoch, fit.steps = 3, 6
        return fit

    whole, half = older(), older()
    list(whole)
    for _ in zip(range(t), half, strict=False):
        pass
    state = half.state()
    del state["per_epoch"]
    resumed = Fit(*made("autoencoder", "mlp", "grey", batch=16, epochs=2), state)
    assert (resumed.t, resumed.per_epoch, resumed.images) == (t, 3, half.images)
    assert [step.t for step in resumed] == list(range(t + 1, 7))
    assert all(torch.equal(value, resumed.method.state_dict()[key]) for key, value in whole.method.state_dict().items())


def test_a_solved_training_of_an_older_version_is_at_its_end():
    method, data, cfg = made("pca", "mlp", "grey")
    done = Fit(method, data, cfg)
    list(done)
    state = done.state()
    del state["per_epoch"]
    assert list(Fit(*made("pca", "mlp", "grey"), state)) == []
