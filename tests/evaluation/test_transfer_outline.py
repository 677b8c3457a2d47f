"""The network as blocks says before a training what the training reports after it."""

import pytest

from explorer import data
from explorer.evaluation.arms import TransferConfig, titles
from explorer.evaluation.transfer import transfer
from explorer.evaluation.transfer.outline import outline
from explorer.models import loading
from explorer.models.model import Architecture
from explorer.models.pretrained import build, catalogue
from tests.evaluation.arm_cases import foreign


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.mark.parametrize("arm", titles())
@pytest.mark.parametrize("head", ["standardised", "replaced"])
def test_the_trainable_numbers_are_those_that_the_training_reports(arm, head, digits):
    model = foreign("convolution", size=8)
    cfg = TransferConfig(arms=(arm,), labels_per_class=1, epochs=3, last_blocks=2, rank=1, head=head)
    network = Architecture(model.module, model.spec)
    found = outline(network, len(digits.classes), cfg, arm)
    *_, end = transfer(model, digits, cfg)
    assert end["trainable"] == found.trainable(arm, cfg)
    assert all(each.requires_grad for each in model.module.parameters()), "the network stays as it is"


def test_the_cut_moves_the_last_blocks():
    model = foreign()
    network = Architecture(model.module, model.spec)
    for k, moving in ((1, (False, False, True)), (2, (False, True, True)), (9, (True, True, True))):
        cfg = TransferConfig(last_blocks=k)
        found = outline(network, 2, cfg)
        assert [block.name for block in found.blocks] == ["stem", "middle", "top"]
        assert found.moves("last_blocks", cfg) == moving
        sizes = [block.numbers for block in found.blocks]
        assert found.trainable("last_blocks", cfg) == found.head + sum(sizes[-k:])
        assert not any(found.moves("frozen", cfg)) and found.trainable("frozen", cfg) == found.head


@pytest.mark.parametrize("head", ["standardised", "replaced"])
def test_a_pretrained_network_has_its_blocks_without_its_weights(head):
    """`head` is a linear layer on the means of the map, or the network's own convolution: as many numbers."""
    hollow = loading.architecture("squeezenet1_0")
    assert {each.device.type for each in hollow.module.parameters()} == {"meta"}
    real = build.untrained(catalogue.find("squeezenet1_0"), 0)
    cfg = TransferConfig(head=head)
    assert outline(hollow, 2, cfg) == outline(Architecture(real, hollow.spec), 2, cfg)
    assert outline(hollow, 2, cfg).head == 1026
