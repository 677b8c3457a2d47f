"""What every task has, by existing: a label, a sentence, a pool, and options that its request refuses alike."""

from contextlib import nullcontext

import pytest

from explorer import Refused, runs
from explorer.core import METHODS, TrainConfig
from explorer.runs.records import TITLE
from explorer.tasks import perform
from explorer.tasks.request import request
from explorer.tasks.task import TASKS, Task, task
from explorer.tasks.training import request as training_request
from tests.source_cases import python

LOOKS = [name for name, each in TASKS.items() if each.models != (0, 0)]


def required(config):
    """Values of the options that have no default."""
    schema = config.model_json_schema()
    return {name: schema["properties"][name]["enum"][0] for name in schema.get("required", [])}


def not_allowed(config):
    """For each option, values that its description rules out: beyond its bounds, or a word that is none of its own."""
    for name, about in config.model_json_schema()["properties"].items():
        beyond = {"minimum": -1, "exclusiveMinimum": 0, "maximum": 1, "exclusiveMaximum": 0}
        yield from ((name, about[bound] + step) for bound, step in beyond.items() if bound in about)
        if "enum" in about:
            yield name, "astrology"
        if "enum" in about.get("items", {}):
            yield name, ("astrology",)


@pytest.mark.parametrize("fails", [True, False])
def test_the_caches_are_brought_below_their_limit_also_after_work_that_failed(fails, monkeypatch):
    calls, run = [], runs.create(request("map", "pixels", "digits", how="pca"))
    monkeypatch.setattr(perform.caches, "trim", lambda: calls.append(1))
    monkeypatch.setattr(TASKS["map"], "run", lambda *_: 1 / 0 if fails else None)
    with pytest.raises(ZeroDivisionError) if fails else nullcontext():
        perform.perform(run)
    assert calls == [1]


WRONG = [(name, option, value) for name in LOOKS for option, value in not_allowed(TASKS[name].Config)]


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_label_a_sentence_and_a_pool(name):
    each = TASKS[name]
    assert each.name == name == type(each).__module__.rpartition(".")[2]
    assert each.label and each.label[0].isupper()
    assert each.summary().endswith(".") and "\n" not in each.summary() and "  " not in each.summary()
    assert each.pool in ("interactive", "training")
    assert each.models[0] <= each.models[1] <= 4
    assert not each.download or each.result, "what is offered for download is a file"
    for option in each.Config.model_fields.values():
        assert option.description, "the form, the command line and the tests read it"


@pytest.mark.parametrize(("name", "option", "value"), WRONG)
def test_what_a_configuration_refuses_the_request_refuses(name, option, value):
    options = {**required(TASKS[name].Config), option: value}
    with pytest.raises(Refused) as configured:
        TASKS[name].Config.read(options, name)
    with pytest.raises(Refused) as requested:
        request(name, "pixels", "digits", **options)
    assert str(configured.value) == str(requested.value)
    assert option in str(requested.value) or "astrology" in str(requested.value)


@pytest.mark.parametrize(("option", "value"), list(not_allowed(TrainConfig)))
def test_what_the_configuration_of_a_training_refuses_its_request_refuses(option, value):
    with pytest.raises(Refused) as configured:
        METHODS["autoencoder"].training({option: value})
    with pytest.raises(Refused) as requested:
        training_request.train("autoencoder", "digits", {}, {option: value})
    assert str(configured.value) == str(requested.value)


def test_every_task_with_bounds_is_among_these_cases():
    named = {"map", "embed", "evaluate", "transfer", "cluster", "compare", "report", "interpolate"}
    assert {name for name, _, _ in WRONG} == named
    assert ("map", "n", 60_001) in WRONG and ("map", "how", "astrology") in WRONG


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"how": "tsne", "n": 2, "neighbours": 900}, "map hyperparameter n=2 is not allowed"),
        ({"how": "umap", "n": 10}, "map: 10 points allow 2 to 9"),
        ({"how": "tsnee"}, "did you mean 'tsne'"),
        ({"how": "tsne", "points": 20}, "no map hyperparameter 'points'"),
        ({}, "how"),
    ],
)
def test_options_that_do_not_go_together_are_refused_before_anything_is_made(options, words):
    with pytest.raises(Refused, match=words):
        request("map", "pixels", "digits", **options)
    assert not runs.root().exists()


@pytest.mark.parametrize(("models", "words"), [
    ([], "evaluate is about one model, and 0 were named"),
    (["pixels", "pca"], "evaluate is about one model, and 2 were named"),
])  # fmt: skip
def test_a_task_about_one_model_refuses_another_number_of_them(models, words):
    with pytest.raises(Refused, match=words):
        request("evaluate", models, "digits")


@pytest.mark.parametrize("name", LOOKS)
def test_a_title_is_never_too_long_for_its_run(name):
    run = runs.create(training_request.train("autoencoder", "digits", {}, {}, title="y" * TITLE), id="x" * 120)
    run.write_checkpoint(1, {"model.safetensors": b"weights", "resume.pt": b"state"})
    run.update(state="done")
    spec = request(name, [run.id] * TASKS[name].models[0], "digits", **required(TASKS[name].Config))
    assert 1 <= len(spec.title) <= TITLE
    assert runs.create(spec).title == spec.title


def test_a_request_about_several_models_keeps_their_order(monkeypatch):
    monkeypatch.setattr(type(TASKS["evaluate"]), "models", (2, 4))
    spec, swapped = (request("evaluate", models, "digits") for models in (["pixels", "pca:8"], ["pca:8", "pixels"]))
    assert (spec.models, spec.model) == (("pixels", "pca:8"), "pixels")
    assert runs.address(spec) != runs.address(swapped)
    with pytest.raises(Refused, match="evaluate is about 2 to 4 models, and 5 were named"):
        request("evaluate", ["pixels"] * 5, "digits")


def test_what_a_version_says_is_no_option_and_what_nothing_says_is_refused():
    """Also what it says no more: a job of before stays readable."""
    spec = request("map", "pixels", "digits", how="pca")
    assert TASKS["map"].config(with_params(spec, trust_at="7", start="random")) == TASKS["map"].config(spec)
    for name, key in (("map", "points"), ("evaluate", "trust_at")):
        asked = request(name, "pixels", "digits", **required(TASKS[name].Config))
        with pytest.raises(Refused, match=f"no {name} hyperparameter '{key}'"):
            TASKS[name].config(with_params(asked, **{key: "3"}))


def with_params(spec, **more):
    return spec.model_copy(update={"params": {**spec.params, **more}})


def test_two_tasks_of_one_name_fail_loudly():
    """One of another package, and a second one in the same file; the same file once more is no second one."""

    def another(module, name):
        return type(name, (type(TASKS["map"]),), {"__module__": module, "__qualname__": name, "__doc__": "Draw."})

    before = TASKS["map"]
    with pytest.raises(RuntimeError, match=r"two kinds of job are called 'map'.*explorer\.tasks\.map\.Map.*elsewhere"):
        task("Map")(another("elsewhere.map", "Map"))
    with pytest.raises(RuntimeError, match="two kinds of job are called 'map'"):
        task("Map")(another("explorer.tasks.map", "SecondMap"))
    assert TASKS["map"] is before
    try:
        task("Map")(another("explorer.tasks.map", "Map"))
        assert TASKS["map"] is not before, "a module that is imported again replaces what it has registered"
    finally:
        TASKS.add("map", before)


def test_the_tasks_bring_nothing_heavy():
    code = (
        "import sys, explorer.tasks; from explorer.tasks.task import TASKS; assert len(TASKS) >= 6;"
        "print([name for name in ('torch', 'sklearn', 'umap', 'distributed', 'streamlit') if name in sys.modules])"
    )
    assert python(code).strip() == "[]"


def test_a_task_must_have_a_title_and_do_something():
    with pytest.raises(TypeError, match="abstract"):
        type("Idle", (Task,), {})()
