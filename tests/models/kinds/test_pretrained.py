"""Pretrained classifiers by reference: how they are named, what hides them, and that they are models as all others."""

import numpy as np
import pytest
import torch
from PIL import Image

from explorer import Refused, data, runs
from explorer.__main__ import main
from explorer.data import kept
from explorer.engine import worker
from explorer.models import loading, model
from explorer.models.pretrained import catalogue, places
from explorer.models.reference import ModelRef, references, variant
from explorer.runs import Spec
from explorer.system.torchvision import torchvision
from explorer.tasks.request import request

BARE = "squeezenet1_0@0"  # the quickest one; its numbers are drawn


@pytest.fixture(scope="module")
def bare():
    return loading.load(BARE)


@pytest.mark.parametrize(("text", "name", "which", "title"), [
    ("resnet18", "resnet18", "", "ResNet-18, ImageNet"),
    ("resnet18@0", "resnet18", "0", "ResNet-18, untrained"),
    ("resnet50", "resnet50", "", "resnet50, ImageNet"),
    ("resnet50:IMAGENET1K_V2", "resnet50:IMAGENET1K_V2", "", "resnet50, IMAGENET1K_V2"),
    ("efficientnet_lite0", "efficientnet_lite0", "", "EfficientNet-Lite0, ImageNet"),
])  # fmt: skip
def test_a_classifier_is_named_as_torchvision_names_it(text, name, which, title):
    ref = ModelRef.parse(text)
    assert ref == ModelRef("pretrained", name, which) and str(ref) == text
    assert ref.title("digits") == title == variant(text, "digits") if which else ref.title("digits") == title
    assert (ref.can_train, ref.can_decode, ref.can_embed, ref.made_from_data) == (True, False, True, False)


@pytest.mark.parametrize(("text", "words"), [
    ("resnet18@best", "no weights 'best' of resnet18: choose resnet18, or resnet18@0"),
    ("resnet50:V9@0", "no ImageNet weights of resnet50 'V9'"),
    ("resnet81", "no model 'resnet81'; did you mean 'resnet18'"),
    ("vgg16", "weights of vgg16 are not on this machine"),
])  # fmt: skip
def test_what_is_no_such_classifier_is_refused_in_words(text, words):
    with pytest.raises(Refused, match=words):
        ModelRef.parse(text).check()


def test_the_small_encoders_of_this_project_keep_their_names():
    assert ModelRef.parse("untrained:resnet18").kind == "untrained"
    assert ModelRef.parse("resnet18-digits-1").kind == "run"


def test_a_run_with_the_name_of_a_classifier_is_not_hidden_in_silence(monkeypatch):
    monkeypatch.setattr(places, "find", lambda _: None)  # no weights are here, of which the run's owner never heard
    run = runs.create(Spec(kind="train", title="a", dataset="digits", method="simclr"), "resnet18")
    for text in ("resnet18", "resnet18@0", "resnet18@best"):
        with pytest.raises(
            Refused, match="'resnet18' is a pretrained network and a run of the same name: rename the run"
        ):
            ModelRef.parse(text).check()
    runs.delete(run.id)
    ModelRef.parse("resnet18@0").check()


@pytest.mark.parametrize("name", ["resnet18", "pixels"])
def test_no_new_run_takes_the_name_of_another_model(name, capsys):
    assert main(["train", "kmeans", "digits", "--name", name, "--foreground"]) == 2
    assert f"'{name}' is the name of a model that needs no training" in capsys.readouterr().err
    assert runs.find(name) is None


def test_all_others_are_offered_to_none_who_does_not_name_them():
    assert not {text for text, _ in references("digits")} & set(catalogue.networks())


@pytest.mark.parametrize("shape", [(40, 60), (300, 256), (256, 301), (224, 224)])
@pytest.mark.parametrize("grey", [True, False])
def test_images_of_any_size_and_colour_are_seen_as_torchvision_shows_them(shape, grey, bare):
    smooth = Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8)).resize(shape[::-1])
    image = np.asarray(smooth.convert("L" if grey else "RGB"))
    image = image[None] if grey else image.transpose(2, 0, 1)
    tensor = torch.from_numpy(image.copy()).expand(3, -1, -1)
    show = torchvision().models.get_model_weights("squeezenet1_0").IMAGENET1K_V1.transforms()
    if shape == (224, 224):  # its own size already
        expected = torchvision().transforms.functional.normalize(tensor / 255, show.mean, show.std)
    else:
        expected = show(tensor)
    seen = bare.module.standardised(bare.images(image[None]))[0].cpu()
    assert seen.shape == (3, 224, 224)
    assert (seen - expected).abs().max() < 0.03  # torchvision rounds to whole grey values, which are 0.018 apart
    again = bare.module.standardised(torch.from_numpy(image[None].copy()))[0]
    torch.testing.assert_close(again, seen)


def test_images_are_seen_a_few_at_a_time(bare, monkeypatch):
    seen = []
    monkeypatch.setattr(bare.module, "embed", lambda x: seen.append(len(x)) or x.mean((2, 3)))
    assert bare.embed(np.zeros((90, 1, 8, 8), np.uint8)).shape == (90, 3)
    assert seen == [bare.at_once] * (90 // bare.at_once) + [90 % bare.at_once]
    assert loading.load("untrained", data.load("digits")).at_once >= model.BATCH


def test_features_are_kept_under_the_content_of_the_weights(bare, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "cache_root", lambda: tmp_path / "own-cache")
    digits, rows = data.load("digits"), np.arange(50)
    cold = bare.features(digits, "train", rows)
    again = loading.load(BARE)
    assert again.identity() == bare.identity() != loading.load("squeezenet1_1@0").identity()
    monkeypatch.setattr(again, "embed", None)
    np.testing.assert_array_equal(again.features(digits, "train", rows), cold)


def test_the_same_network_is_built_again_from_a_seed(bare):
    first, second, other = (bare.rebuild(seed).last.layer.weight for seed in (0, 0, 1))
    assert torch.equal(first, second) and not torch.equal(first, other)
    assert torch.equal(first, bare.module.last.layer.weight.cpu())


def test_a_job_takes_a_classifier_by_name():
    run = runs.create(request("embed", BARE, "digits", split="test", n=12))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    assert run.result()["features"].shape == (12, 512)
