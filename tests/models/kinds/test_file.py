"""A safetensors file as a model: named, opened as the network that it says, and refused in words otherwise."""

import pytest
import torch
from safetensors.torch import save_file

from explorer import Refused
from explorer.models import loading
from explorer.models.pretrained import heads, places
from explorer.models.reference import ModelRef, references, variant
from explorer.system.torchvision import torchvision


@pytest.fixture(scope="module")
def state():
    """SqueezeNet 1.1 with a last layer for three classes, as somebody fine-tuned it."""
    torch.manual_seed(0)
    network = torchvision().models.squeezenet1_1()
    heads.replace_head(network, 3)
    return dict(network.state_dict())


@pytest.fixture
def file(state):
    """In the user's folder, saying what it is."""
    return saved(state, places.own() / "flowers.safetensors", {"architecture": "squeezenet1_1"})


def saved(state, path, about=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, path, about)
    return path


def test_a_file_that_says_its_architecture_is_offered_and_opened(file, state):
    assert dict(references("digits"))["file:flowers.safetensors"] == "flowers, squeezenet1_1"
    ref = ModelRef.parse("file:flowers.safetensors")
    ref.check()
    assert (ref.can_train, ref.can_decode, ref.made_from_data, ref.knows_imagenet) == (True, False, False, False)
    model = loading.load(ref)
    assert (str(ref), model.title, model.dim, model.knows_imagenet) == (model.ref, "flowers, squeezenet1_1", 512, False)
    assert torch.equal(model.module.last.layer.weight.cpu(), state["classifier.1.weight"])


def test_a_file_that_does_not_say_it_is_named_with_its_architecture(state):
    saved(state, places.own() / "plain.safetensors")
    assert "file:plain.safetensors" not in dict(references("digits"))
    with pytest.raises(
        Refused, match=r"does not say which network it is of: name one .* as in file:NAME.safetensors:res"
    ):
        ModelRef.parse("file:plain.safetensors").check()
    text = "file:plain.safetensors:squeezenet1_1"
    assert variant(text, "digits") == "plain, squeezenet1_1" and str(ModelRef.parse(text)) == text
    assert loading.load(text).module.last.layer.out_channels == 3


def test_a_file_elsewhere_is_named_with_its_whole_path_on_the_command_line_alone(state, tmp_path):
    path = saved(state, tmp_path / "elsewhere/mine.safetensors")
    text = f"file:{path}:squeezenet1_1"
    ModelRef.parse(text).check()
    assert loading.load(text).dim == 512
    assert variant(text, "digits") is None, "no address of a page opens files anywhere on the machine"


@pytest.mark.parametrize(("text", "words"), [
    ("file", "name a .safetensors file in .*weights"),
    ("file:mine.pth:resnet18", "name a .safetensors file in"),
    ("file:../mine.safetensors:resnet18", "or one elsewhere with its whole path"),
    ("file:gone.safetensors:resnet18", "there is no file .*/weights/gone.safetensors"),
    ("file:flowers.safetensors:resnet81", "no network 'resnet81'; did you mean 'resnet18'"),
    ("file:flowers.safetensors@best", "no weights 'best' of file:flowers.safetensors"),
])  # fmt: skip
def test_what_is_no_such_file_is_refused_in_words(text, words, file):
    with pytest.raises(Refused, match=words):
        ModelRef.parse(text).check()


def test_a_file_of_another_architecture_is_refused(file):
    with pytest.raises(Refused, match=r"holds the weights of another network than resnet18: it lacks conv1.weight"):
        loading.load("file:flowers.safetensors:resnet18")


def test_a_result_is_asked_for_anew_once_the_file_is_another(file, state):
    ref = ModelRef.parse("file:flowers.safetensors")
    before = ref.origin
    saved({**state, "classifier.1.bias": state["classifier.1.bias"] + 1}, file, {"architecture": "squeezenet1_1"})
    assert ref.origin != before


def test_a_damaged_file_is_not_offered_and_breaks_no_list(file):
    file.write_bytes(file.read_bytes()[:40])
    assert "file:flowers.safetensors" not in dict(references("digits"))
    with pytest.raises(Refused, match="cannot be read as weights"):
        loading.load("file:flowers.safetensors:squeezenet1_1")
