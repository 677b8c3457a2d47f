"""Every numeric hyperparameter with every bad value: refused in one sentence, or right."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from explorer import Refused, engine
from explorer.__main__ import main
from explorer.core import TrainConfig
from explorer.methods import METHODS
from explorer.tasks.task import TASKS
from pages.ui.kit import url_state
from tests.ui import framed

LONG = "x" * 100_000
NUMBERS = (-1, 0, 1e9, 1e18, math.nan, math.inf, -math.inf, 10**400)
TEXTS = ("", None, [1, "x"], {}, LONG, "9" * 100_000, "1e999", "nan")
CONFIGS = {"training": TrainConfig, **{name: METHODS[name].Config for name in METHODS}}
CONFIGS |= {name: TASKS[name].Config for name in TASKS}


def numeric(config) -> dict:
    """The numeric hyperparameters of a configuration and what is said of each."""
    fields = config.model_json_schema()["properties"].items()
    return {name: about for name, about in fields if about.get("type") in ("integer", "number")}


def within(value, about) -> bool:
    """Whether a value is a number that the description allows."""
    return (
        math.isfinite(value)
        and about.get("minimum", -math.inf) <= value <= about.get("maximum", math.inf)
        and about.get("exclusiveMinimum", -math.inf) < value < about.get("exclusiveMaximum", math.inf)
    )


@pytest.mark.parametrize("what", CONFIGS)
def test_a_request_is_refused_in_one_sentence_or_right(what):
    config = CONFIGS[what]
    for name, about in numeric(config).items():
        for bad in (*NUMBERS, *TEXTS):
            try:
                made = getattr(config.read({name: bad}, what), name)
            except Refused as refused:
                assert len(str(refused)) < 600 and "\n" not in str(refused), (name, str(bad)[:20])
                assert name.partition("_")[0] in str(refused), str(refused)
            else:
                assert not isinstance(bad, str) and within(made, about), (name, str(bad)[:20], made)


@pytest.mark.parametrize("option", [*numeric(TrainConfig), "temperature", "crop"])
def test_a_command_is_refused_in_one_sentence(option, capsys, monkeypatch):
    monkeypatch.setattr("explorer.runs.create", lambda *_, **__: pytest.fail("a run was made"))
    for bad in ("nan", "inf", "1e18", "", "null", "[1]", LONG, "9" * 400, "-1"):
        assert main(["train", "simclr", "digits", f"--{option.replace('_', '-')}={bad}"]) == 2, bad[:20]
        said = capsys.readouterr().err
        assert said.startswith("error: ") and said.count("\n") == 1 and len(said) < 700, said[:300]


def test_a_widget_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    at = framed.opened("new", {"data": "digits", "method": "simclr"})
    for key in [it.key for it in at.number_input][::3]:
        before = at.number_input(key=key).value
        for bad in (-1, 1e15):
            at.number_input(key=key).set_value(bad).run()
            stands(at)
        at.number_input(key=key).set_value(before).run()
    assert not at.error


def stands(at: AppTest) -> None:
    """No traceback, and of each refusal one sentence that somebody has foreseen."""
    assert not at.exception
    for said in at.error:
        assert "Something went wrong" not in said.value and len(said.value) < 600


def test_a_refusal_repeats_the_ends_of_a_long_value():
    assert len(str(Refused(f"no run '{LONG}'; choose from a, b"))) < 130
    assert str(Refused(f"no run '{'a b ' * 5_000}' here")).endswith("' here")
    assert len(str(Refused("a " * 100_000))) < 4_200
    assert str(Refused("no run 'a'; choose from b")) == "no run 'a'; choose from b"
