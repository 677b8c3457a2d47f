"""The contract, for every method, encoder and kind of data; a new file is tested by these with no other edit."""

import math
import re
from itertools import product

import pytest
import torch

from explorer import Refused
from explorer.core import ENCODERS, DataSpec, Split, TrainConfig, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn import Conv, multiply_adds
from explorer.train import Fit, validate

KINDS = {"grey": (1, 8, 8), "colour": (3, 16, 16), "words": (12,)}


def split(kind, rows=40, classes=4):
    shape = KINDS[kind]
    rng = generator(0, "images", *shape[:2])
    about = torch.arange(rows) % classes, tuple("abcd"[:classes]), "none"
    if kind == "words":
        x = torch.randint(0, 20, (rows, *shape), generator=rng, dtype=torch.int32)
        return Split(x, *about, modality="text", vocabulary=20)
    return Split(torch.randint(0, 256, (rows, *shape), generator=rng, dtype=torch.uint8), *about)


def cases():
    for name, encoder, kind in product(METHODS, ENCODERS, KINDS):
        spec = split(kind).spec("test")
        if METHODS[name].info.needs.unmet(spec) is None and KINDS[kind][-1] >= ENCODERS[encoder].min_size:
            yield pytest.param(name, encoder, kind, id=f"{name}-{encoder}-{kind}")


def made(name, encoder, kind, **train):
    data = split(kind)
    cfg = METHODS[name].training({"encoder": encoder, "batch": 16, "epochs": 2, "width": 0.25, **train})
    return fresh(name, {}, cfg, data.spec("test")), data, cfg


def fitting(name, images):
    """The kind of data that a method is tried on: these images, or what it needs instead of images."""
    return {"image": images, "text": "words"}[METHODS[name].info.needs.modality]


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


@pytest.mark.parametrize("name", METHODS)
def test_a_method_learns(name):
    kind = "colour" if METHODS[name].info.needs.colour else "grey"
    method, data, cfg = made(name, "conv", fitting(name, kind), epochs=15, batch=20, schedule="constant", lr=3e-3)
    acquainted(method, data)
    before = validate(method, data, cfg)["loss"]
    losses = [step.out["loss"].item() for step in Fit(method, data, cfg)]
    if method.players():
        assert sum(losses[-5:]) < sum(losses[:5])
    else:  # one step solves it
        assert validate(method, data, cfg)["loss"] < before


@pytest.mark.parametrize("cut", [1, 3, 5])
@pytest.mark.parametrize("name", METHODS)
def test_a_stopped_run_resumes_to_the_same_bytes(name, cut, tmp_path):
    torch.set_num_threads(1)

    def state(fit):
        return {key: value.clone() for key, value in fit.method.state_dict().items()}

    method, data, cfg = made(name, "conv", fitting(name, "colour"))
    whole = Fit(method, data, cfg)
    list(whole)
    first = Fit(*made(name, "conv", fitting(name, "colour")))
    for _ in zip(range(cut), first, strict=False):  # a method that solves makes one step
        pass
    torch.save(first.state(), tmp_path / "resume.pt")
    torch.randn(99)  # somebody else used the global generator
    second = Fit(*made(name, "conv", fitting(name, "colour")), torch.load(tmp_path / "resume.pt", weights_only=True))
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


def test_a_misspelled_or_impossible_hyperparameter_is_refused_with_the_choices():
    with pytest.raises(Refused, match=r"temprature.*did you mean 'temperature'"):
        METHODS["simclr"].hyperparameters({"temprature": 0.5})
    with pytest.raises(Refused, match=r"temperature=9.*less than or equal to 1"):
        METHODS["simclr"].hyperparameters({"temperature": 9})
    with pytest.raises(Refused, match=r"no method 'simlcr'; did you mean 'simclr'"):
        METHODS.choose("simlcr")
    with pytest.raises(Refused, match=r"no encoder 'vgg'.*conv"):
        METHODS["simclr"].training({"encoder": "vgg"})


def test_the_lectures_autoencoder_has_its_layers():
    spec = DataSpec.image("fashion_mnist", 1, 28, tuple("abcdefghij"), 60_000)
    cfg = METHODS["autoencoder"].training({})
    method = fresh("autoencoder", {"hidden": 128, "latent": 10}, cfg, spec)
    shapes = [tuple(p.shape) for name, p in method.named_parameters() if name.endswith("weight")]
    assert shapes == [(128, 784), (128, 128), (10, 128), (128, 10), (128, 128), (784, 128)]
    assert (cfg.epochs, cfg.batch, cfg.optimizer, cfg.lr) == (5, 128, "adam", 1e-3)


def test_conv_is_small_enough_for_a_processor():
    assert multiply_adds(Conv(1, 28), torch.rand(1, 1, 28, 28)) <= 4_000_000


def test_an_epoch_sees_every_image_once():
    method, data, cfg = made("autoencoder", "mlp", "grey", batch=16)
    fit, seen = Fit(method, data, cfg), []
    original = method.sample

    def sample(data, order, n):
        seen.extend(order[:n].tolist())
        return original(data, order, n)

    method.sample = sample
    steps = list(fit)
    assert sorted(seen[:40]) == list(range(40))
    assert seen[:40] != seen[40:]
    assert [step.images for step in steps] == [16, 32, 40, 56, 72, 80]
    assert steps[2].ends_epoch


def test_validation_is_the_same_each_time_and_changes_nothing():
    method, data, cfg = made("simclr", "conv", "colour")
    before = {key: value.clone() for key, value in method.state_dict().items()}
    assert validate(method, data, cfg) == validate(method, data, cfg)
    assert all(torch.equal(value, method.state_dict()[key]) for key, value in before.items())
