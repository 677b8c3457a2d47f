"""Files of weights: the right ones load as torchvision's own, wrong ones are refused in words, nothing in them runs."""

import hashlib
import os
import pickle
import re
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from explorer import Refused
from explorer.models import loading
from explorer.models.pretrained import build, catalogue, opening, places
from explorer.system.torchvision import torchvision
from tests.models.pretrained.pretrained_cases import SHORT

SMALL = catalogue.find("squeezenet1_0")  # 5 MB
TORCHVISION = [name for name in SHORT if name != "efficientnet_lite0"]


@pytest.fixture(scope="module")
def state():
    """First weights of SqueezeNet 1.0 by name."""
    torch.manual_seed(0)
    return dict(torchvision().models.squeezenet1_0().state_dict())


def place(weights, content=b""):
    path = places.own() / f"{weights.network}.pth"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refusal(path, weights=SMALL):
    with pytest.raises(Refused) as refused:
        opening.opened(weights, path)
    words = str(refused.value)
    assert words.startswith(str(path)) and "\n" not in words and "weights_only" not in words
    return words


def published(weights, path):
    """These weights under the name that a file with this content would be published by, in torch's own folder."""
    named = replace(weights, file=f"{weights.network}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth")
    places.hub().mkdir(parents=True, exist_ok=True)
    return named, path.replace(places.hub() / named.file)


def same_as_torchvision(name, tmp_path):
    """Whether last layer on `embed`, and the whole, give what torchvision's own network gives, from its hub's file."""
    weights = catalogue.find(name)
    torch.manual_seed(1)
    theirs = torchvision().models.get_model(name).eval()
    torch.save(theirs.state_dict(), tmp_path / "saved.pth")
    named, path = published(weights, tmp_path / "saved.pth")
    ours = opening.opened(named, path).eval()
    x = torch.rand(2, 3, weights.size, weights.size)
    with torch.inference_mode():
        expected = theirs(torchvision().transforms.functional.normalize(x, *map(list, catalogue.SCALES[weights.scale])))
        torch.testing.assert_close(ours(x), expected, atol=1e-5, rtol=0)
        if name == "squeezenet1_0":  # its ReLU between last layer and mean is none of a new head's
            theirs.classifier[2] = torch.nn.Identity()
            expected = theirs(ours.standardised(x))
        head = ours.new_head(1000)
        for new, old in zip(head.parameters(), ours.last.layer.parameters(), strict=True):
            new.copy_(old.reshape(new.shape))
        torch.testing.assert_close(head(ours.embed(x)), expected, atol=1e-5, rtol=0)


def test_weights_in_torchs_folder_load_and_name_what_torchvision_names(tmp_path):
    same_as_torchvision("squeezenet1_0", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in TORCHVISION if each != "squeezenet1_0"])
def test_the_tutorials_networks_load_and_name_what_torchvision_names(name, tmp_path):
    same_as_torchvision(name, tmp_path)


@pytest.mark.parametrize("suffix", places.SUFFIXES)
def test_weights_in_the_users_folder_are_a_model(suffix, state):
    path = places.own() / f"squeezenet1_0{suffix}"
    path.parent.mkdir(parents=True)
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    model = loading.load("squeezenet1_0")
    assert (model.title, model.dim, model.can_train) == ("SqueezeNet 1.0, ImageNet", 512, True)
    for name, tensor in model.module.last.layer.state_dict().items():
        assert torch.equal(tensor.cpu(), state[f"classifier.1.{name}"])


def test_half_precision_is_opened_as_whole(state):
    path = places.own() / "squeezenet1_0.safetensors"
    path.parent.mkdir(parents=True)
    save_file({name: tensor.half() for name, tensor in state.items()}, path)
    assert {p.dtype for p in opening.opened(SMALL, path).parameters()} == {torch.float32}


def test_densenets_weights_open_under_the_names_of_before(tmp_path):
    weights = catalogue.find("densenet121")
    torch.manual_seed(2)
    now = torchvision().models.densenet121().state_dict()
    dotted = re.compile(r"(denselayer.*(?:norm|conv))([12])")
    before = {dotted.sub(r"\1.\2", name): tensor for name, tensor in now.items() if "num_batches" not in name}
    assert "features.denseblock1.denselayer1.norm.1.weight" in before
    torch.save(before, tmp_path / "densenet121.pth")
    opened = opening.opened(weights, tmp_path / "densenet121.pth").network.state_dict()
    assert torch.equal(
        opened["features.denseblock1.denselayer1.norm1.weight"], now["features.denseblock1.denselayer1.norm1.weight"]
    )


def test_another_architecture_is_refused(state, tmp_path):
    torch.save(state, tmp_path / "saved.pth")
    words = refusal(tmp_path / "saved.pth", catalogue.find("resnet18"))
    assert "holds the weights of another network than resnet18: it lacks conv1.weight" in words
    words = refusal(tmp_path / "saved.pth", catalogue.find("squeezenet1_1"))
    assert "another network than squeezenet1_1: features.0.weight is 96×3×7×7 and not 64×3×3×3" in words
    torch.save({**state, "more": torch.zeros(1)}, tmp_path / "saved.pth")
    assert "it has more besides" in refusal(tmp_path / "saved.pth")


@pytest.mark.parametrize("kept", [0, 3, 18, 53, 200, -5000, -3])
@pytest.mark.parametrize("form", ["old", "zip", "safetensors"])
def test_a_truncated_file_is_refused(form, kept, state, tmp_path):
    path = tmp_path / ("a.safetensors" if form == "safetensors" else "a.pth")
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
    path.write_bytes(path.read_bytes()[:kept])
    assert "cannot be read as weights" in refusal(path)


@pytest.mark.parametrize("odd", [lambda tensor: tensor.to_sparse(), lambda tensor: tensor.to("meta")])
def test_a_tensor_without_plain_numbers_is_refused(odd, state, tmp_path):
    name = next(iter(state))
    torch.save({**state, name: odd(state[name])}, tmp_path / "a.pth")
    assert f"does not hold {name} as plain numbers" in refusal(tmp_path / "a.pth")


def test_a_file_with_a_published_name_and_other_content_is_refused(state, tmp_path):
    path = tmp_path / SMALL.file
    torch.save(state, path)
    assert "its SHA-256 does not begin with b66bff10" in refusal(path)


class Canary:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_code_in_a_file_never_runs(state, tmp_path):
    bird = tmp_path / "flown"
    for content in (Canary(bird), {**state, "more": Canary(bird)}):
        torch.save(content, tmp_path / "a.pth")
        assert "holds code, which is not run" in refusal(tmp_path / "a.pth")
        (tmp_path / "a.pth").write_bytes(pickle.dumps(content))
        refusal(tmp_path / "a.pth")
    torch.save(torchvision().models.squeezenet1_0(), tmp_path / "whole.pth")  # a pickled module
    refusal(tmp_path / "whole.pth")
    assert not bird.exists()
    os.system(Canary(bird).__reduce__()[1][0])
    assert bird.exists(), "the canary can fly"


@pytest.mark.parametrize(
    "content", [b"junk" * 1000, b"PK\x03\x04" + bytes(500), b"\x80\x02.", b"<!DOCTYPE html>", b"{}"]
)
@pytest.mark.parametrize("suffix", places.SUFFIXES)
def test_junk_is_refused(content, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    refusal(path)


@pytest.mark.parametrize("content", [{}, {"epoch": 3, "state_dict": {}}, [torch.zeros(2)], torch.zeros(2), "weights"])
def test_a_file_without_weights_by_name_is_refused(content, tmp_path):
    torch.save(content, tmp_path / "a.pth")
    assert "holds no weights by name" in refusal(tmp_path / "a.pth")


def test_numbers_that_are_not_finite_are_refused(state, tmp_path):
    broken = {**state, "classifier.1.bias": state["classifier.1.bias"] * float("nan")}
    save_file(broken, tmp_path / "a.safetensors")
    assert "not finite, in classifier.1.bias" in refusal(tmp_path / "a.safetensors")


@pytest.mark.parametrize("name", ["regnet_y_400mf", "mnasnet0_5", "swin_t", "googlenet", "efficientnet_lite0"])
def test_a_network_whose_first_weights_are_not_drawn_is_complete(name, tmp_path):
    weights = catalogue.find(name)
    with build.WithoutNumbers():
        shapes = build.architecture(weights).state_dict()
    numbers = {
        key: torch.ones(each.shape, dtype=each.dtype) for key, each in shapes.items() if "num_batches" not in key
    }
    save_file({**numbers, "aux1.fc1.bias": torch.ones(3)}, tmp_path / "a.safetensors")  # published for training alone
    opened = opening.opened(weights, tmp_path / "a.safetensors")
    assert not [key for key, each in (*opened.named_parameters(), *opened.named_buffers()) if each.is_meta]
    assert opened(torch.zeros(1, 3, weights.size, weights.size)).shape == (1, 1000)
