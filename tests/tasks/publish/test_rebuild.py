"""Shipped models are made from recipes, go on where they were interrupted, and their cards are checked."""

import json

import pytest

from explorer import Refused, runs
from explorer.__main__ import main
from explorer.runs import store
from explorer.tasks.publish import card, maps, rebuild, recipes

TWO = """
[one]
title = "The first"
shows = "It shows something."
method = "autoencoder"
data = "digits"
training = { epochs = 1, subset = 200, threads = 1 }

[two]
title = "The second"
shows = "It needs data that are not here."
method = "autoencoder"
data = "mnist"
"""


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """An empty folder of shipped models with two recipes; one quick map instead of six."""
    place = tmp_path / "shipped"
    place.mkdir()
    file = place / "recipes.toml"
    file.write_text(TWO)
    monkeypatch.setattr(store, "SHIPPED", place)
    monkeypatch.setattr(recipes.read, "__defaults__", (file,))
    monkeypatch.setattr(maps, "PROJECTIONS", {"pca": maps.PROJECTIONS["pca"]})
    return place


def results(answer, *words):
    return {row["model"]: row["result"] for row in answer("shipped", *words)["models"]}


def test_models_are_made_once_and_those_without_data_are_named(answer, shipped):
    assert results(answer) == {
        "one": "made", "two": "left as it is, because MNIST is not on this machine"
    }  # fmt: skip
    before = (shipped / "one/model.safetensors").stat().st_mtime_ns
    assert results(answer, "--only", "one") == {"one": "there already"}
    assert (shipped / "one/model.safetensors").stat().st_mtime_ns == before
    known = card.read(runs.get("one"))
    assert (known.title, known.shows, known.data.train) == ("The first", "It shows something.", 200)


def test_a_model_whose_weights_are_missing_is_made_again(answer, shipped):
    assert results(answer, "--only", "one") == {"one": "made"}
    (shipped / "one/model.safetensors").unlink()
    assert results(answer, "--only", "one") == {"one": "made"}
    assert (shipped / "one/model.safetensors").exists()


def test_who_names_a_model_without_data_is_told_the_way_out(capsys):
    assert main(["shipped", "--only", "two"]) == 2
    assert "recipe two: mnist is not on this machine yet" in capsys.readouterr().err


def test_the_same_recipe_gives_the_same_weights(answer, shipped):
    results(answer, "--only", "one")
    before = (shipped / "one/model.safetensors").read_bytes()
    assert results(answer, "--only", "one", "--again") == {"one": "made"}
    assert (shipped / "one/model.safetensors").read_bytes() == before


def test_another_recipe_makes_another_model(answer, shipped):
    results(answer, "--only", "one")
    (shipped / "recipes.toml").write_text(TWO.replace("epochs = 1", "epochs = 2"))
    assert results(answer, "--only", "one") == {"one": "made"}
    assert results(answer, "--only", "one") == {"one": "there already"}
    assert card.read(runs.get("one")).train["epochs"] == runs.get("one").spec.train["epochs"] == 2


@pytest.mark.parametrize(("old", "new"), [("The first", "Another"), ("It shows", "It has")])
def test_other_words_train_and_measure_nothing_again(answer, shipped, monkeypatch, old, new):
    results(answer, "--only", "one")
    (shipped / "recipes.toml").write_text(TWO.replace(old, new))
    monkeypatch.setattr("explorer.cli.shipped.run_in_process", None)
    monkeypatch.setattr(rebuild, "publish", None)
    runs.delete("recipe-one")
    assert results(answer, "--only", "one") == {"one": "completed"}
    assert results(answer, "--only", "one") == {"one": "there already"}
    recipe, known = recipes.read()["one"], card.read(runs.get("one"))
    assert (known.title, known.shows, runs.get("one").title) == (recipe.title, recipe.shows, recipe.title)


def test_an_interrupted_training_goes_on_and_a_failed_one_begins_anew():
    recipe = recipes.read()["one"]
    run = rebuild.training(recipe, recipe.spec())
    run.update(state="interrupted")
    run.append({"step": 0, "mark": 1})
    assert rebuild.training(recipe, recipe.spec()).metrics() == [{"step": 0, "mark": 1}]
    run.update(state="failed")
    assert rebuild.training(recipe, recipe.spec()).metrics() == []
    with pytest.raises(Refused, match="the training of one is queued: start it again"):
        rebuild.finished(recipe, runs.get("recipe-one"))


def test_weights_that_were_exchanged_are_made_again(answer, shipped):
    results(answer, "--only", "one")
    path = shipped / "one/model.safetensors"
    path.write_bytes(path.read_bytes() + b" ")
    assert not rebuild.is_current(recipes.read()["one"], recipes.read()["one"].spec())


def test_stated_scores_are_measured_again(answer, shipped):
    results(answer, "--only", "one")
    row, other = answer("shipped", "--check")["models"]
    assert row["holds"] and [each["stated"] for each in row["scores"]] == [each["measured"] for each in row["scores"]]
    assert other["result"] == "not checked: two is not there: make it with python -m explorer shipped --only two"


def test_a_score_that_does_not_hold_is_an_error(answer, shipped, capsys):
    results(answer, "--only", "one")
    path = shipped / "one" / card.NAME
    told = json.loads(path.read_text())
    told["scores"]["knn"] += 0.05
    path.write_text(json.dumps(told))
    assert main(["shipped", "--check", "--only", "one"]) == 2
    assert "the cards of one do not hold" in capsys.readouterr().err


def test_other_images_than_it_was_trained_on_are_not_measured(answer, shipped):
    results(answer, "--only", "one")
    path = shipped / "one" / card.NAME
    told = json.loads(path.read_text())
    told["data"]["hash"] = "0" * 32
    path.write_text(json.dumps(told))
    assert "Digits has other images here than it was trained on" in results(answer, "--check", "--only", "one")["one"]


def test_every_recipe_is_checked_before_anything_is_trained(shipped, capsys):
    (shipped / "recipes.toml").write_text(
        TWO + TWO.replace("[one]", "[three]").replace("[two]", "[four]").replace("epochs = 1", "epochs = 0")
    )
    assert main(["shipped"]) == 2
    assert "recipe three" in capsys.readouterr().err
    assert not (shipped / "one").exists()
