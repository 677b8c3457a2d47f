"""The results that come with the project: every table is what its rows say, and every row an arm of its study."""

import pytest
import torch

from explorer.__main__ import main
from explorer.benchmarks import STUDIES, results
from explorer.benchmarks.protocol import UNTRAINED, Arm, Protocol
from explorer.benchmarks.testbed import Testbed
from explorer.benchmarks.trial import hyperparameters, reference
from explorer.core import DataSpec
from explorer.methods import METHODS
from explorer.nn import recalibrate_batch_norm
from explorer.runs import SHIPPED
from tests.benchmarks.study_cases import TINY

RESULTS = SHIPPED.parent / "results"
COLOUR = DataSpec.image("photographs", 3, 32, tuple("0123456789"), 5000)


def test_the_tables_are_what_the_rows_say(capsys):
    assert main(["study", "--table"]) == 0
    text = capsys.readouterr().out
    assert text == (RESULTS / "README.md").read_text(), "make results"
    assert "## zoo on cifar10" in text
    assert main(["study", "--table", "--arms", "simclr"]) == 2


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*-*.jsonl")), ids=lambda path: path.stem)
def test_every_row_belongs_to_an_arm_of_its_study(path):
    study = next(STUDIES[name] for name in STUDIES if path.stem.startswith(f"{name}-"))
    known = results.read(path, study.name, path.stem.removeprefix(f"{study.name}-"))
    assert results.left_out(path) == 0
    asked = [arm.definition() for arm in study.arms()]
    assert known
    assert all(row["asked"] in asked for row in known)
    assert len(
        {(str(row["asked"]), str(row["protocol"]), row["seed"], str(row.get("hyperparameters"))) for row in known}
    ) == len(known)


@pytest.mark.parametrize("study", [name for name, study in STUDIES.items() if study.colour])
def test_every_arm_of_a_study_of_colour_fits_small_photographs(study):
    for arm in STUDIES[study].arms():
        if arm.method:
            cls = METHODS[arm.method]
            cfg = cls.training({"encoder": "conv", "batch": Protocol().batch, **arm.train})
            assert cls.incompatible(cls.hyperparameters(hyperparameters(arm)), COLOUR, cfg) is None


def test_a_settled_network_has_the_weights_of_the_untrained_one_and_the_statistics_of_the_images():
    bench = Testbed("digits", TINY)
    drawn, settled = (reference(Arm(name, reference=name), 0, bench)[0].module.encoder for name in UNTRAINED)
    for (name, before), after in zip(drawn.state_dict().items(), settled.state_dict().values(), strict=True):
        assert torch.equal(before, after) != ("running_" in name or name.endswith("tracked"))
    assert not settled.training


def test_a_network_that_cannot_be_settled_is_as_it_was():
    network = torch.nn.Sequential(torch.nn.BatchNorm1d(2)).eval()
    with pytest.raises(ValueError, match="more than 1 value"):
        recalibrate_batch_norm(network, [torch.zeros(1, 2)])
    assert not network.training and network[0].momentum == 0.1


def test_statistics_are_the_mean_over_all_batches_alike():
    norm = torch.nn.BatchNorm1d(1)
    recalibrate_batch_norm(norm, [torch.tensor([[0.0], [2.0]]), torch.tensor([[2.0], [4.0]])])
    assert norm.running_mean.item() == pytest.approx(2.0)
    assert norm.running_var.item() == pytest.approx(2.0)
    assert norm.momentum == 0.1
