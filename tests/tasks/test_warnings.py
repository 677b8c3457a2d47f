"""Hyperparameters that are allowed but do on these images what nobody would expect: a warning, and the mend."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.__main__ import main
from explorer.core import DataSpec, MethodConfig
from explorer.engine.dask import cluster
from explorer.methods import METHODS
from explorer.models.build import check_fit
from explorer.tasks.training import request as training_request

TILED = ["relative_patch", "jigsaw", "combined"]


def said(name, size, **hyperparameters):
    spec = DataSpec.image("test", 1, size, ("a", "b"), 40)
    return check_fit(name, METHODS[name].hyperparameters(hyperparameters), METHODS[name].training({}), spec)


@pytest.mark.parametrize("name", TILED)
def test_a_gap_of_less_than_a_pixel_is_said_to_be_none(name):
    words = "0.15 of a place of 4 pixels rounds down to 0, which is an ablation"
    assert words in said(name, 8)
    assert said(name, 8).startswith(f"{name} leaves no gap between its tiles")
    assert not said(name, 28)
    assert not said(name, 8, gap=0), "that is an ablation, and said elsewhere"


def test_the_largest_images_are_told_of_the_gap_alone():
    remark = said("jigsaw", 512, gap=0.001)
    assert "choose gap 0.01 or more" in remark and "images of at least" not in remark


@pytest.mark.parametrize("gap", [0.001, 0.01, 0.05, 0.15])
@pytest.mark.parametrize("size", [8, 10, 12, 20, 28, 32, 64])
def test_what_would_mend_the_gap_does(size, gap):
    remark = said("jigsaw", size, gap=gap)
    for larger in re.findall(r"at least (\d+)x", remark):
        assert not said("jigsaw", int(larger), gap=gap)
        assert said("jigsaw", int(larger) - 1, gap=gap), "a smaller one would do"
    for wider in re.findall(r"choose gap ([\d.]+)", remark):
        assert not said("jigsaw", size, gap=float(wider))
        assert said("jigsaw", size, gap=float(wider) - 0.01), "a smaller one would do"
    assert not remark or "choose" in remark


def test_a_combination_without_tiles_needs_no_gap():
    assert not said("combined", 8, relative_patch=False, jigsaw=False)
    assert said("combined", 8, relative_patch=False)


@pytest.mark.parametrize("name", [name for name in METHODS if name not in TILED])
def test_of_other_methods_nothing_is_said(name):
    assert METHODS[name].Config.warning is MethodConfig.warning


@pytest.mark.parametrize("gone", [{}, {"size": None}, {"size": 8, "forgotten": 1}])
def test_it_is_said_of_a_run_of_an_older_version(gone):
    spec = training_request.train("jigsaw", "digits", {}, {})
    known = {name: value for name, value in {**spec.train, **gone}.items() if value is not None}
    assert "leaves no gap" in training_request.warning(spec.model_copy(update={"train": known}))


@pytest.mark.parametrize("change", [{"method": "forgotten"}, {"dataset": "gone"}, {"hyperparameters": {"gap": 99}}])
def test_nothing_is_said_of_a_run_that_could_not_be_asked_for_today(change):
    assert training_request.warning(training_request.train("jigsaw", "digits", {}, {}).model_copy(update=change)) == ""


def test_the_command_line_says_it_and_trains(answer, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "wake", lambda: None)
    assert "leaves no gap" in answer("train", "jigsaw", "digits")["warning"]
    assert answer("train", "jigsaw", "digits", "--size", "16")["warning"] == ""
    capsys.readouterr()
    assert main(["train", "jigsaw", "digits"]) == 0
    assert capsys.readouterr().err.startswith("note: jigsaw leaves no gap between its tiles")


@pytest.mark.parametrize("page", ["new", "views"])
def test_the_form_says_it(page, monkeypatch):
    monkeypatch.setattr("pages.ui.kit.url_state.link", lambda *_, **__: None)
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/{page}.py", default_timeout=120)
    at.query_params.update({"data": "digits", "method": "relative_patch"})
    at.run()
    assert not at.exception
    title = METHODS["relative_patch"].info.title
    assert f"{title} leaves no gap" in [it.value.partition(" between")[0].replace("\\", "") for it in at.warning]
