"""For every method, a training whose images are read from disk is that with images in memory, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core import generator
from explorer.data.stored import StoredRows
from explorer.methods import METHODS
from explorer.models.streamed import StreamedRows
from explorer.train import Fit, validate
from tests.methods.contract_cases import fitting, made


@pytest.fixture
def on_disk(tmp_path):
    """The same split with its rows in a file, as the cache keeps them."""

    def moved(split, name="train"):
        np.save(tmp_path / f"{name}.x.npy", split.x.numpy())
        stored = StoredRows(np.load(tmp_path / f"{name}.x.npy", mmap_mode="r"))
        return replace(split, x=StreamedRows(stored, torch.device("cpu")))

    return moved


def course(method, data, cfg):
    """The losses of a training, its last weights, the losses on held-out images, and features."""
    torch.set_num_threads(1)
    fit = Fit(method, data, cfg)
    losses = [{name: value.clone() for name, value in step.out.items()} for step in fit]
    held_out = validate(method, data, cfg)
    return losses, fit.state()["method"], held_out, method.embed(data.batch(torch.arange(7)).x)


@pytest.mark.parametrize("name", METHODS)
def test_a_streamed_training_is_the_resident_one(name, on_disk):
    method, data, cfg = made(name, "conv", fitting(name, "colour"), epochs=3)
    losses, weights, held_out, features = course(method, data, cfg)
    other, _, _ = made(name, "conv", fitting(name, "colour"), epochs=3)
    streamed = on_disk(data)
    assert streamed.streamed and not data.streamed
    losses_2, weights_2, held_out_2, features_2 = course(other, streamed, cfg)
    assert len(losses) == len(losses_2)
    for one, two in zip(losses, losses_2, strict=True):
        assert one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)
    assert weights.keys() == weights_2.keys() and all(torch.equal(weights[key], weights_2[key]) for key in weights)
    assert held_out == held_out_2
    assert torch.equal(features, features_2)


@pytest.mark.parametrize("name", METHODS)
def test_a_streamed_training_goes_on_as_a_resident_one_and_back(name, on_disk):
    torch.set_num_threads(1)
    method, data, cfg = made(name, "conv", fitting(name, "colour"))
    streamed = on_disk(data)
    list(Fit(method, data, cfg))
    for first, second in ((data, streamed), (streamed, data)):
        half, _, _ = made(name, "conv", fitting(name, "colour"))
        begun = Fit(half, first, cfg)
        for _ in zip(range(2), begun, strict=False):
            pass
        state = begun.state()
        rest, _, _ = made(name, "conv", fitting(name, "colour"))
        list(Fit(rest, second, cfg, state))
        assert all(torch.equal(value, rest.state_dict()[key]) for key, value in method.state_dict().items())


def test_the_next_batch_is_read_ahead_and_nothing_is_read_twice(on_disk):
    method, data, cfg = made("autoencoder", "mlp", "grey", epochs=3)
    streamed, read = on_disk(data), []
    fill = streamed.x.stored.fill
    streamed.x.stored.fill = lambda out, rows, order: (read.extend(rows[order].tolist()), fill(out, rows, order))
    fit = Fit(method, streamed, cfg)
    next(fit)
    assert streamed.x.expected is not None and torch.equal(streamed.x.expected.rows, fit.rows(1)[: cfg.batch])
    list(fit)
    assert [len(set(read[i : i + 32])) for i in range(0, len(read), 32)] == [32] * 3  # two full batches of each epoch
    assert streamed.x.predictable and streamed.x.expected is None


def test_a_wrong_guess_is_dropped_and_not_made_again(on_disk):
    _, data, _ = made("autoencoder", "mlp", "grey")
    streamed = on_disk(data)
    streamed.expect(torch.arange(5))
    asked = torch.tensor([9, 2, 2])
    assert torch.equal(streamed.batch(asked).x, data.batch(asked).x)
    streamed.expect(torch.arange(5))
    assert streamed.x.expected is None


def test_a_streamed_split_answers_what_a_split_is_asked(on_disk):
    _, data, _ = made("autoencoder", "mlp", "colour")
    streamed, rows = on_disk(data), torch.randperm(len(data), generator=generator(0))[:9]
    for one, two in zip(data.batch(rows), streamed.batch(rows), strict=True):
        assert torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two
    assert torch.equal(data.take(rows).x, streamed.take(rows).x) and not streamed.take(rows).streamed
    assert all(torch.equal(*pair) for pair in zip(data.x.split(7), streamed.x.split(7), strict=True))
    assert (len(streamed), streamed.spec("a"), streamed.device) == (len(data), data.spec("a"), data.device)
    assert torch.equal(streamed.to("cpu").batch(rows).x, data.batch(rows).x)


def test_rows_for_another_device_are_read_by_the_same_readers(on_disk):
    _, data, _ = made("simclr", "conv", fitting("simclr", "colour"))
    rows = on_disk(data).x
    moved = rows.to("cpu")
    assert moved.readers is rows.readers and torch.equal(moved[torch.arange(5)], data.x[:5])
