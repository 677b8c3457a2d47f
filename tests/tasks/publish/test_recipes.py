"""The recipes of shipped models: all of them are allowed, and one with a mistake is refused with a sentence."""

import pytest

from explorer import Refused, data
from explorer.tasks.publish import recipes

RECIPES = recipes.read()
FIXED = {
    *("garments-autoencoder", "garments-autoencoder-linear", "garments-denoising", "garments-rotation"),
    *("garments-vae", "garments-vae-beta-0", "garments-vae-beta-16", "garments-simclr"),
    *("shapes-simclr", "shapes-simclr-no-jitter", "shapes-supervised", "shapes-autoencoder"),
    *("digits-autoencoder", "digits-simclr", "digits-byol", "digits-byol-no-predictor", "cifar10-simclr"),
}  # lessons refer to them
GOOD = """
[one]
title = "One"
shows = "It shows something."
method = "autoencoder"
data = "digits"
"""


def written(tmp_path, text):
    path = tmp_path / "recipes.toml"
    path.write_text(text)
    return path


def test_there_is_a_recipe_for_every_model_that_lessons_name():
    assert set(RECIPES) >= FIXED


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_an_allowed_training(name):
    recipe = RECIPES[name]
    if not data.catalogue()[recipe.data].available:
        pytest.skip(f"{recipe.data} is not on this machine")
    spec = recipe.spec()
    assert (spec.title, spec.method, spec.dataset) == (recipe.title, recipe.method, recipe.data)
    assert spec.train["threads"] == 1, "more threads add in another order"


def test_titles_are_told_apart():
    assert len({recipe.title for recipe in RECIPES.values()}) == len(RECIPES)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + GOOD, "cannot be read"),
        ("[one", "cannot be read"),
        ("one = 1", "recipe one is no table: write \\[one\\]"),
        (GOOD.replace('data = "digits"', ""), "recipe one: 'data' is wrong \\(field required\\); a recipe has title"),
        (GOOD + "colour = 1", "recipe one: 'colour' is wrong .*not permitted.*; a recipe has title"),
        (GOOD + "training = 3", "recipe one: 'training' is wrong"),
        (GOOD.replace("something.", "something"), "recipe one: 'shows' is no sentence"),
        (GOOD.replace("[one]", "[pixels]"), "recipe pixels: that is the name of a kind of model"),
        (GOOD.replace("[one]", '["../one"]'), "not an id"),
    ],
)
def test_a_mistake_is_refused_with_a_sentence(tmp_path, text, sentence):
    with pytest.raises(Refused, match=sentence):
        recipes.read(written(tmp_path, text))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hyperparameters = { lattent = 3 }", "recipe one: .*lattent"),
        ("training = { epochs = 0 }", "recipe one: .*epochs"),
        ("training = { encoder = 'con' }", "recipe one: .*con"),
    ],
)
def test_a_training_that_is_not_allowed_is_refused_with_its_recipe(tmp_path, line, sentence):
    made = recipes.read(written(tmp_path, GOOD + line))["one"]
    with pytest.raises(Refused, match=sentence):
        made.spec()


@pytest.mark.parametrize(("field", "value"), [("method", "simlcr"), ("data", "digit")])
def test_an_unknown_name_is_refused_with_its_recipe(tmp_path, field, value):
    good = {"method": "autoencoder", "data": "digits"}[field]
    made = recipes.read(written(tmp_path, GOOD.replace(f'"{good}"', f'"{value}"')))["one"]
    with pytest.raises(Refused, match=f"recipe one: .*'{value}'"):
        made.spec()


def test_some_are_chosen_by_name():
    one, two = list(RECIPES)[:2]
    assert [each.name for each in recipes.chosen(f"{two}, {one}", RECIPES)] == [two, one]
    assert len(recipes.chosen("", RECIPES)) == len(RECIPES)
    with pytest.raises(Refused, match="no recipe 'garmets-vae'; did you mean 'garments-vae'"):
        recipes.chosen("garmets-vae", RECIPES)
