"""Every classifier that torchvision lists: its last layer, its representation, its blocks."""

import pytest
import torch
from torch import nn

from explorer.models.pretrained import catalogue, heads
from explorer.models.pretrained.network import Pretrained
from tests.models.pretrained.pretrained_cases import SHORT, images, on_meta

LAST = {  # path, numbers that enter it, numbers that are trained when two classes replace it
    "resnet18": ("fc", 512, 1_026),
    "alexnet": ("classifier.6", 4_096, 8_194),
    "vgg16": ("classifier.6", 4_096, 8_194),
    "squeezenet1_0": ("classifier.1", 512, 1_026),
    "densenet121": ("classifier", 1_024, 2_050),
    "efficientnet_lite0": ("_fc", 1_280, 2_562),
}


@pytest.mark.parametrize("name", catalogue.networks())
def test_a_classifier_has_a_last_layer_to_replace_and_blocks_with_all_its_other_numbers(name):
    model = on_meta(name)
    last, parts = model.last.layer, model.blocks()
    assert (last.out_features if isinstance(last, nn.Linear) else last.out_channels) == 1000
    inside = [id(p) for _, module in parts for p in module.parameters()]
    assert len(inside) == len(set(inside)), "no parameter is in two blocks"
    assert {*inside, *map(id, last.parameters())} == set(map(id, model.parameters()))
    assert len({path for path, _ in parts}) == len(parts) >= 4
    width = last.in_features if isinstance(last, nn.Linear) else last.in_channels
    new = heads.replace_head(model, 2)
    assert model.last.layer is new and sum(p.numel() for p in new.parameters()) == 2 * width + 2 * (
        last.bias is not None
    )


@pytest.mark.parametrize("name", SHORT)
def test_the_last_layer_of_those_that_are_offered_is_that_of_the_tutorial(name):
    path, entering, trained = LAST[name]
    model = on_meta(name)
    assert model.path == path
    _has_shapes(model, entering)
    for made in (model.new_head(2), heads.replace_head(model, 2)):
        assert sum(p.numel() for p in made.parameters()) == trained
    assert model(images(model.weights)).shape == (1, 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.networks())
def test_every_classifier_embeds_and_names_classes(name):
    model = on_meta(name)
    last = model.last.layer
    _has_shapes(model, last.in_channels if isinstance(last, nn.Conv2d) else last.in_features)


def _has_shapes(model: Pretrained, entering: int) -> None:
    x = images(model.weights)
    assert model.embed(x).shape == (1, entering)
    assert model(x).shape == (1, 1000)
    assert model.new_head(7).to("meta")(model.embed(x)).shape == (1, 7)


def test_blocks_stand_from_input_to_output_and_a_norm_with_its_layer():
    names = [name for name, _ in on_meta("resnet18").blocks()]
    assert names == ["conv1", *(f"layer{i}.{j}" for i in (1, 2, 3, 4) for j in (0, 1))]
    norms = [type(each).__name__ for each in on_meta("resnet18").blocks()[0][1]]
    assert norms == ["Conv2d", "BatchNorm2d"]
    assert [name for name, _ in on_meta("vit_b_16").blocks()][-1] == "encoder.layers.encoder_layer_11"


def test_the_last_layer_is_passed_by_in_one_thread_alone():
    from concurrent.futures import ThreadPoolExecutor

    layer, x = heads.LastLayer(nn.Linear(3, 2)), torch.ones(1, 3)
    with heads.passed_by(), ThreadPoolExecutor(1) as other:
        assert layer(x) is x
        assert other.submit(layer, x).result().shape == (1, 2)
    assert layer(x).shape == (1, 2)


@pytest.mark.parametrize("name", catalogue.networks())
def test_a_new_head_is_a_linear_layer_on_the_representation_and_nothing_follows_it(name):
    model = on_meta(name)
    old, new = model.last.layer, model.new_head(3)
    assert type(new) is nn.Linear and (new.bias is None) == (old.bias is None)
    assert new.in_features == (old.in_features if isinstance(old, nn.Linear) else old.in_channels)


@pytest.mark.parametrize("old", [nn.Linear(20, 9), nn.Conv2d(20, 9, 1)], ids=["linear", "convolution"])
def test_a_new_head_gives_every_class_any_score_and_each_class_learns(old):
    torch.manual_seed(0)
    head, z = heads.new_head(old, 3), torch.rand(64, 20)  # as after a ReLU
    for sign in (-1, 1):
        with torch.no_grad():
            head.weight[0] = sign * head.weight[0].abs()
        scores = head(z)
        assert (scores[:, 0].sign() == sign).all(), "of one sign for all images"
        head.zero_grad()
        nn.functional.cross_entropy(scores, torch.arange(64) % 3).backward()
        assert (head.weight.grad.norm(dim=1) > 1e-3).all(), "a class whose score is below 0 everywhere learns, too"
