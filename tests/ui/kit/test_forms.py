"""Forms: a widget for each hyperparameter, refusals in one sentence, presets, the values of a set."""

import json
from typing import Literal

import pytest
from pydantic import BaseModel, Field, model_validator
from streamlit.testing.v1 import AppTest

from explorer import Refused, runs
from explorer.core import TrainConfig
from explorer.methods import METHODS as KNOWN
from explorer.runs import Spec
from pages.ui.kit import forms, identity, messages
from pages.ui.runs import sweep
from pages.ui.sections import home_presets


class Hyperparameters(BaseModel):
    """One hyperparameter of each kind."""

    share: float = Field(0.2, ge=0.0, le=1.0, description="a share")
    lr: float = Field(0.001, gt=0, le=10)
    batch: int = Field(256, ge=2, le=8192)
    depth: int = Field(3, ge=1, le=8)
    flip: bool = True
    error: Literal["bce", "mse"] = "mse"
    how: Literal["kmeans", "hdbscan"] = Field("kmeans", json_schema_extra={"titles": {"kmeans": "k-means"}})
    classes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits(self):
        if self.batch > 100 and self.depth == 8:
            raise ValueError("batch must be at most 100 with depth 8")
        return self


def form() -> None:
    import streamlit as st

    from explorer import Refused
    from pages.ui.kit import forms
    from tests.ui.kit.test_forms import Hyperparameters

    try:
        st.json(forms.hyperparameters(Hyperparameters, "mine", {"share": 0.4}, choices={"classes": ["ants", "bees"]}))
    except Refused as error:
        st.error(str(error))


def test_each_hyperparameter_becomes_the_widget_that_fits_it():
    at = AppTest.from_function(form).run(timeout=60)
    assert not at.exception
    assert [w.label for w in at.slider] == ["Share", "Depth"]
    assert [w.label for w in at.number_input] == ["Learning rate", "Batch"]
    assert (at.toggle[0].label, at.selectbox[0].options) == ("Flip", ["bce", "mse"])
    assert at.selectbox[1].options == ["k-means", "hdbscan"], "by their titles, where they have one"
    assert at.multiselect[0].options == ["ants", "bees"]
    assert at.slider[0].value == 0.4
    assert at.slider[0].help == "a share"


def test_a_form_returns_what_was_set():
    at = AppTest.from_function(form).run(timeout=60)
    at.number_input[0].set_value(0.01)
    at.multiselect[0].set_value(["bees"]).run(timeout=60)
    values = json.loads(at.json[0].value)
    assert (values["lr"], values["classes"]) == (0.01, ["bees"])


def test_hyperparameters_that_do_not_go_together_are_refused_in_one_sentence():
    at = AppTest.from_function(form).run(timeout=60)
    at.slider[1].set_value(8).run(timeout=60)
    assert at.error[0].value == "batch must be at most 100 with depth 8"


def test_a_number_that_is_typed_out_of_its_range_is_refused_and_not_exchanged_for_another():
    at = AppTest.from_function(form).run(timeout=60)
    at.number_input[1].set_value(99999).run(timeout=60)
    assert at.error[0].value == "Batch 99999 is not allowed: input should be less than or equal to 8192"
    assert at.number_input[1].help == "2 to 8,192"


def test_a_wrong_value_names_the_hyperparameter_and_the_rule():
    with pytest.raises(Refused, match=r"Learning rate 11 is not allowed: input should be less than or equal to 10"):
        forms.checked(Hyperparameters, {"lr": 11})


def test_a_rule_about_several_hyperparameters_blames_none_of_them_alone():
    off = dict.fromkeys(("rotation", "relative_patch", "jigsaw", "inpainting"), False)
    with pytest.raises(Refused, match="at least one") as refused:
        forms.checked(KNOWN["combined"].Config, off)
    assert "Inpainting" not in str(refused.value)
    with pytest.raises(Refused, match=r"^3 devices cannot share a batch of 256 equally"):
        forms.checked(TrainConfig, {"devices": 3})


def test_form_and_command_line_give_the_same_rule():
    for hyperparameters in ({"batch": 1}, {"devices": 3}, {"encoder": "vgg"}):
        said = []
        for read in (lambda it: forms.checked(TrainConfig, it), lambda it: TrainConfig.read(it, "training")):
            with pytest.raises(Refused) as refused:
                read(hyperparameters)
            said.append(str(refused.value))
        assert said[1].endswith(said[0].removeprefix("Batch 1 "))
        assert said[1].startswith(
            "training hyperparameter batch=1 is not allowed: " if "batch" in hyperparameters else "training: "
        )


def test_the_table_of_hyperparameters_has_the_words_of_the_form():
    said = forms.table(KNOWN["combined"].Config) + forms.table(TrainConfig)
    assert "| on |" in said and "| True |" not in said
    assert "| Classes | all |" in said and "| 0.002 |" in said


@pytest.mark.parametrize(
    ("value", "said"), [(6.2364, "6.24"), (2129.35, "2,129"), (999.7, "1,000"), (-0.5, "-0.5"), (float("nan"), "nan")]
)
def test_a_large_number_is_written_out(value, said):
    assert messages.number(value) == said


def test_a_link_to_a_form_carries_its_hyperparameters():
    assert forms.query("simclr", {"flip": True, "crop": 0.5}) == {"simclr.flip": "true", "simclr.crop": "0.5"}


@pytest.mark.parametrize("preset", home_presets.PRESETS, ids=lambda preset: preset.title)
def test_every_preset_is_allowed(preset):
    from explorer.methods import METHODS

    METHODS[preset.method].hyperparameters(preset.hyperparameters)
    METHODS[preset.method].training(preset.train)


def test_values_of_a_set_are_read_from_a_list():
    assert sweep.numbers(" 1, 0.5;1e-3\n2") == [1, 0.5, 0.001, 2]
    assert sweep.numbers("0,001; 0,01") == [0.001, 0.01]
    assert sweep.numbers("1, 2, 1.0") == [1, 2]
    assert [type(value) for value in sweep.numbers("2, 2.5")] == [int, float]
    with pytest.raises(Refused, match="'two' is not a number"):
        sweep.numbers("1, two")


def test_more_trainings_than_the_queue_takes_are_not_offered(monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "somebody")
    monkeypatch.setenv("EXPLORER_QUEUE", "3")
    runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", user="somebody"))
    assert sweep._too_many(2) == ""
    assert sweep._too_many(4) == "These are 4 trainings, but the queue has room for 2 more of yours."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("subset", "Subset (0 = all images)"),
        ("size", "Size (0 = original size)"),
        ("threads", "Threads (0 = as many as the machine has)"),
    ],
)
def test_a_zero_that_means_something_else_says_so_in_form_and_table(name, words):
    def page(name):
        from explorer.core import TrainConfig
        from pages.ui.kit import forms

        forms.hyperparameters(TrainConfig, "train", only=[name])

    at = AppTest.from_function(page, args=(name,)).run(timeout=60)
    assert [it.label for it in at.number_input] == [words]
    meaning = words.partition("(")[2].rstrip(")")
    assert f"| {meaning} |" in forms.table(TrainConfig)


def test_a_zero_that_is_no_default_needs_no_words():
    momentum = KNOWN["moco"].Config.model_json_schema()["properties"]["momentum"]
    assert "0 = " in momentum["description"]
    assert forms.zero(momentum) == ""
