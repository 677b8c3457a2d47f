"""The catalogue is what torchvision says of its classifiers, and is read without torch."""

import pytest

from explorer import Refused
from explorer.models.pretrained import build, catalogue
from explorer.system.torchvision import torchvision
from tests.source_cases import python


def of_torchvision():
    models = torchvision().models
    for network in models.list_models(module=models):
        named = [each for each in models.get_model_weights(network) if each.meta["categories"]]  # some name no classes
        for number, each in enumerate(named):
            shown = each.transforms()
            (resize,), (size,) = shown.resize_size, shown.crop_size
            scale = tuple(shown.mean), tuple(shown.std)
            numbers = resize, size, shown.interpolation.value, each.meta["num_params"]
            yield (network, each.name), (each.url, number == 0, scale, *numbers)


def test_every_classifier_that_torchvision_lists_is_in_the_catalogue_as_torchvision_has_it():
    known = {
        (it.network, it.name): (it.address, it.first, catalogue.SCALES[it.scale], it.resize, it.size, it.interpolation,
                                it.parameters)
        for named in catalogue.networks().values() for it in named.values() if it != catalogue.LITE
    }  # fmt: skip
    assert known == dict(of_torchvision())
    assert len(catalogue.networks()) == 81 and set(catalogue.SHORT) <= set(catalogue.networks())


def test_the_end_of_a_file_name_is_its_checksum():
    for named in catalogue.networks().values():
        for weights in named.values():
            assert int(weights.checksum, 16) and len(weights.checksum) in (8, 10, 64)
    assert catalogue.LITE.sha256.startswith("57934424")


def test_weights_are_found_by_name_and_refused_with_the_choices():
    assert catalogue.find("resnet50").file == "resnet50-0676ba61.pth"
    second = catalogue.find("resnet50", "IMAGENET1K_V2")
    assert (second.file, second.reference) == ("resnet50-11ad3fa6.pth", "resnet50:IMAGENET1K_V2")
    with pytest.raises(Refused, match=r"no network 'resnet81'; did you mean 'resnet18'\?"):
        catalogue.find("resnet81")
    with pytest.raises(Refused, match=r"no ImageNet weights of resnet50 'V3'.*IMAGENET1K_V1, IMAGENET1K_V2"):
        catalogue.find("resnet50", "V3")


def test_a_vision_transformer_is_built_for_the_images_of_its_weights():
    large = catalogue.find("vit_b_16", "IMAGENET1K_SWAG_E2E_V1")
    with build.WithoutNumbers():
        network = build.architecture(large)
    assert (large.size, network.image_size) == (384, 384)
    assert network.encoder.pos_embedding.shape == (1, 1 + 24 * 24, 768)


def test_models_are_listed_and_weights_are_looked_for_without_torch():
    code = (
        "import sys; from explorer.models.reference import ModelRef, references; references('digits');"
        "from explorer.models.pretrained import catalogue, places; places.find(catalogue.find('resnet18'));"
        "print(ModelRef.parse('resnet18@0').title('digits'), 'torch' in sys.modules, 'torchvision' in sys.modules)"
    )
    assert python(code).strip() == "ResNet-18, untrained False False"
