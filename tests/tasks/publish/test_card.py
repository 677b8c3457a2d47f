"""The card of a shipped model: its command trains the same again, its comparisons know the sampling error."""

import shlex

import pytest

from explorer.cli.commands import parser
from explorer.cli.runs import hyperparameters_given
from explorer.evaluation.probes import PROBES
from explorer.methods import METHODS
from explorer.runs import Run
from explorer.tasks.publish import card
from explorer.tasks.training.request import train
from tests.source_cases import python

TRAININGS = [
    ("simclr", "digits", {"crop": 0.4, "head": False}, {"epochs": 3, "classes": ("1", "7"), "lr": 0.01}),
    ("byol", "digits", {"predictor": False, "stop_gradient": False, "momentum": 0.0}, {"batch": 32, "seed": 5}),
    ("vae", "garments", {}, {}),
    ("moco", "garments", {}, {"classes": ("Ankle boot", "T-shirt/top")}),
    ("dictionary", "digits", {}, {"encoder": "mlp"}),
]


@pytest.mark.parametrize("asked", TRAININGS, ids=lambda asked: asked[0])
def test_the_command_on_a_card_asks_for_the_same_training(asked):
    spec = train(*asked)
    words = shlex.split(card.command(spec))
    assert words[:3] == ["python", "-m", "explorer"]
    args = parser(words[3:]).parse_args(words[3:])
    assert train(args.method, args.dataset, *hyperparameters_given(args, args.method)) == spec


@pytest.mark.parametrize("method", METHODS)
def test_the_command_leaves_out_what_is_a_default(method):
    spec = train(method, "shapes", {}, {})
    assert card.command(spec) == f"python -m explorer train {method} shapes"


@pytest.mark.parametrize(
    ("better", "score", "reference", "n", "expected"),
    [
        ("higher", 0.80, 0.70, 1000, "better"),
        ("higher", 0.70, 0.80, 1000, "worse"),
        ("higher", 0.80, 0.79, 1000, "no difference"),
        ("higher", 0.80, 0.70, 50, "no difference"),
        ("lower", 0.80, 0.70, 1000, "worse"),
        ("lower", 0.70, 0.80, 1000, "better"),
    ],
)
def test_a_difference_within_the_sampling_error_is_none(better, score, reference, n, expected):
    assert card.verdict(better, score, reference, n) == expected


def test_every_probe_is_compared_with_every_reference():
    references = {"Untrained": dict.fromkeys(PROBES, 0.5), "Raw pixels": dict.fromkeys(PROBES, 0.95)}
    compared = card.verdicts({**dict.fromkeys(PROBES, 0.8), "n_test": 1000, "references": references})
    assert compared == {probe: {"Untrained": "better", "Raw pixels": "worse"} for probe in PROBES}


@pytest.mark.parametrize("content", ["", "{}", '{"format": 1, "name": "x"}', "[1]"])
def test_a_card_that_cannot_be_read_is_none(tmp_path, content):
    (tmp_path / card.NAME).write_text(content)
    assert card.read(Run(tmp_path)) is None


def test_reading_a_card_imports_no_torch():
    code = "import sys; from explorer.tasks.publish import card; print('torch' in sys.modules)"
    assert python(code).strip() == "False"


def test_the_sentences_say_how_sure_a_score_is_and_where_pixels_win():
    references = {"Untrained": dict.fromkeys(PROBES, 0.5), "Raw pixels": dict.fromkeys(PROBES, 0.81)}
    words = card.in_words({**dict.fromkeys(PROBES, 0.8), "knn": 0.7, "n_test": 1000, "references": references})
    assert (
        "kNN: 70% ± 3 percentage points of 1,000 test images; better than untrained (50%), worse than raw pixels (81%)."
        in words
    )
    assert "better than untrained (50%), no significant difference to raw pixels (81%)." in words
