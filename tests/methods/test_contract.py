"""The contract, for every method, encoder and kind of data; a new file is tested by these with no other edit."""

import math
import re
from itertools import product

import pytest
import torch

from explorer.core import ENCODERS, TrainConfig, generator
from explorer.methods import METHODS
from explorer.train import Fit, validate
from tests.methods.contract_cases import KINDS, fitting, made, split


def cases():
    for name, encoder, kind in product(METHODS, ENCODERS, KINDS):
        spec = split(kind).spec("test")
        if METHODS[name].info.needs.unmet(spec) is None and KINDS[kind][-1] >= ENCODERS[encoder].min_size:
            yield pytest.param(name, encoder, kind, id=f"{name}-{encoder}-{kind}")


@pytest.mark.parametrize(("name", "encoder", "kind"), list(cases()))
def test_a_method_meets_its_contract(name, encoder, kind):
    method, data, _ = made(name, encoder, kind)
    batch = data.batch(torch.arange(16))
    views = method.views(batch, generator(0, "t"))
    again = method.views(batch, generator(0, "t"))
    assert views
    assert all(torch.equal(views[key], again[key]) for key in views), "views must draw from their generator alone"
    if method.players():
        out = method.loss(**views)
        assert set(method.players()) <= set(out)
        assert all(math.isfinite(value.item()) for value in out.values() if value.ndim == 0)
        assert all(not value.requires_grad for key, value in out.items() if key not in method.players())
    method.eval()
    z = method.embed(batch.x)
    assert z.shape[0] == 16
    assert z.ndim == 2
    picture = method.decode(z)
    assert picture is None or (picture.shape == batch.x.shape and picture.min() >= 0 and picture.max() <= 1)
    for image in method.gallery(batch.x).values():
        assert image.shape[-2:] == batch.x.shape[-2:]
    assert method.info.title
    assert method.info.summary.endswith(".")
    assert method.info.equation
    assert not re.search(r"\\q?quad[A-Za-z]", method.info.equation), "two commands of LaTeX run together"
    assert method.info.paper


@pytest.mark.parametrize("name", METHODS)
def test_an_unlearned_method_stands_near_its_chance_line(name):
    method, data, _ = made(name, "mlp", fitting(name, "colour"))
    chance = method.chance(16)
    if chance is not None:
        views = acquainted(method, data)
        assert method.loss(**views)["loss"].item() == pytest.approx(chance, rel=0.35)


def acquainted(method, data):
    """Fills what a method remembers (a queue, a bank) with images instead of noise; returns their views then."""
    batch = data.batch(torch.arange(16))
    out = method.loss(**method.views(batch, generator(0, "t")))
    for _ in range(256):
        method.after_step(out, batch, 0.0)
    return method.views(batch, generator(0, "t"))


SLOW = {"jigsaw": 60}  # epochs: images of noise have nothing that goes together, they must be learned by heart


@pytest.mark.parametrize("name", METHODS)
def test_a_method_learns(name):
    kind, epochs = "colour" if METHODS[name].info.needs.colour else "grey", SLOW.get(name, 15)
    method, data, cfg = made(name, "conv", fitting(name, kind), epochs=epochs, batch=20, schedule="constant", lr=3e-3)
    acquainted(method, data)
    before = validate(method, data, cfg)["loss"]
    losses = [step.out["loss"].item() for step in Fit(method, data, cfg)]
    if method.players():
        assert sum(losses[-5:]) < sum(losses[:5])
    else:  # one step solves it
        assert validate(method, data, cfg)["loss"] < before


RESUMED = [(name, {}) for name in METHODS]
RESUMED += [(name, {"half_resolution": 0.5, "pooling": 2}) for name in METHODS if METHODS[name].any_size]


@pytest.mark.parametrize("cut", [1, 2, 3])  # steps of 4: two epochs, and the resolution changes after the first
@pytest.mark.parametrize(("name", "train"), RESUMED, ids=str)
def test_a_stopped_run_resumes_to_the_same_bytes(name, train, cut, tmp_path):
    torch.set_num_threads(1)

    def state(fit):
        return {key: value.clone() for key, value in fit.method.state_dict().items()}

    method, data, cfg = made(name, "conv", fitting(name, "colour"), **train)
    whole = Fit(method, data, cfg)
    list(whole)
    first = Fit(*made(name, "conv", fitting(name, "colour"), **train))
    for _ in zip(range(cut), first, strict=False):  # a method that solves makes one step
        pass
    torch.save(first.state(), tmp_path / "resume.pt")
    torch.randn(99)  # somebody else used the global generator
    saved = torch.load(tmp_path / "resume.pt", weights_only=True)
    second = Fit(*made(name, "conv", fitting(name, "colour"), **train), saved)
    list(second)
    assert second.t == whole.t
    assert all(torch.equal(value, state(second)[key]) for key, value in state(whole).items())


@pytest.mark.parametrize("name", METHODS)
def test_hyperparameters_have_defaults_ranges_and_sentences(name):
    cls = METHODS[name]
    cls.Config()
    cls.training({})
    for hyperparameter, about in {
        **cls.Config.model_json_schema()["properties"],
        **TrainConfig.model_json_schema()["properties"],
    }.items():
        assert len(about.get("description", "")) > 10, hyperparameter
