"""The pieces of the pages that need no browser: forms, figures, pictures, words."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Literal

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import BaseModel, Field, model_validator
from streamlit.testing.v1 import AppTest

from explorer import Refused, data, jobs, runs, views
from explorer.core import METHODS, MethodConfig, Needs
from explorer.jobs import requests
from explorer.methods import METHODS as KNOWN
from explorer.project import PROJECTIONS
from explorer.runs import Spec
from pages.ui import (
    about,
    address,
    apart,
    charts,
    family,
    forms,
    learning,
    live,
    pick,
    pictures,
    presets,
    recipe,
    routes,
    say,
    scrubber,
    several,
    visitor,
)


class Knobs(BaseModel):
    """One knob of each kind."""

    share: float = Field(0.2, ge=0.0, le=1.0, description="a share")
    lr: float = Field(0.001, gt=0, le=10)
    batch: int = Field(256, ge=2, le=8192)
    depth: int = Field(3, ge=1, le=8)
    flip: bool = True
    error: Literal["bce", "mse"] = "mse"
    classes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits(self):
        if self.batch > 100 and self.depth == 8:
            raise ValueError("batch must be at most 100 with depth 8")
        return self


def form() -> None:
    import streamlit as st

    from explorer import Refused
    from pages.ui import forms
    from tests.test_interface import Knobs

    try:
        st.json(forms.knobs(Knobs, "mine", {"share": 0.4}, choices={"classes": ["ants", "bees"]}))
    except Refused as error:
        st.error(str(error))


def test_each_knob_becomes_the_widget_that_fits_it():
    at = AppTest.from_function(form).run(timeout=60)
    assert not at.exception
    assert [w.label for w in at.slider] == ["Share", "Depth"]
    assert [w.label for w in at.number_input] == ["Learning rate", "Batch"]
    assert (at.toggle[0].label, at.selectbox[0].options) == ("Flip", ["bce", "mse"])
    assert at.multiselect[0].options == ["ants", "bees"]
    assert at.slider[0].value == 0.4
    assert at.slider[0].help == "a share"


def test_a_form_returns_what_was_set():
    at = AppTest.from_function(form).run(timeout=60)
    at.number_input[0].set_value(0.01)
    at.multiselect[0].set_value(["bees"]).run(timeout=60)
    values = json.loads(at.json[0].value)
    assert (values["lr"], values["classes"]) == (0.01, ["bees"])


def test_knobs_that_do_not_go_together_are_refused_in_one_sentence():
    at = AppTest.from_function(form).run(timeout=60)
    at.slider[1].set_value(8).run(timeout=60)
    assert at.error[0].value == "batch must be at most 100 with depth 8"


def test_a_number_that_is_typed_out_of_its_range_is_refused_and_not_exchanged_for_another():
    at = AppTest.from_function(form).run(timeout=60)
    at.number_input[1].set_value(99999).run(timeout=60)
    assert at.error[0].value == "Batch 99999 is not allowed: input should be less than or equal to 8192"
    assert at.number_input[1].help == "2 to 8,192"


def test_a_wrong_value_names_the_knob_and_the_rule():
    with pytest.raises(Refused, match=r"Learning rate 11 is not allowed: input should be less than or equal to 10"):
        forms.checked(Knobs, {"lr": 11})


def test_a_link_to_a_form_carries_its_knobs():
    assert forms.query("simclr", {"flip": True, "crop": 0.5}) == {"simclr.flip": "true", "simclr.crop": "0.5"}


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.title)
def test_every_preset_is_allowed(preset):
    from explorer.methods import METHODS

    METHODS[preset.method].knobs(preset.knobs)
    METHODS[preset.method].training(preset.train)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_map_carries_its_own_ids_in_typed_arrays(dimensions):
    rng = np.random.default_rng(0)
    coords, y, ids = rng.normal(size=(60_000, dimensions)), rng.integers(0, 3, 60_000), np.arange(60_000) + 7
    figure = charts.scatter(coords, y, ["a", "b", "c"], ids, ring=[9])
    assert sum(len(trace.customdata) for trace in figure.data) == 60_001  # and the ring
    np.testing.assert_array_equal(figure.data[1].customdata, ids[y == 1])
    assert len({trace.marker.symbol for trace in figure.data[:3]}) == 3
    assert len(figure.to_json()) < 500_000 * dimensions


def test_curves_show_the_level_of_chance():
    figure = charts.curves({"train": ([0, 1], [2.0, 1.0])}, "step", "loss", chance=6.236)
    assert any("6.24" in note.text for note in figure.layout.annotations)


@pytest.mark.parametrize(("shape", "size"), [((1, 8, 8), (64, 64)), ((3, 32, 32), (64, 64)), ((3, 96, 96), (96, 96))])
def test_small_images_are_enlarged_by_a_whole_factor(shape, size):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    opened = np.asarray(Image.open(io.BytesIO(pictures.png(image, least=64))))
    assert opened.shape[:2] == size
    step = size[0] // shape[1]
    small = opened[::step, ::step]
    np.testing.assert_array_equal(small if small.ndim == 3 else small[..., None], image.transpose(1, 2, 0))


def test_text_of_a_user_stays_text():
    at = AppTest.from_string(
        "import streamlit as st; from pages.ui import say; st.markdown(say.plain('*a* [b](c) $d$ <e> :red[f]'))"
    ).run(timeout=60)
    assert at.markdown[0].value == r"\*a\* \[b\]\(c\) \$d\$ \<e\> \:red\[f\]"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.004, "4 ms"), (2.5, "2.5 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_lengths_of_time_are_said_as_people_say_them(seconds, words):
    assert say.duration(seconds) == words


@pytest.mark.parametrize(("size", "words"), [(512, "512 B"), (3_400_000, "3.4 MB"), (250_000, "250 kB")])
def test_amounts_are_said_as_people_say_them(size, words):
    assert say.amount(size) == words


def test_more_curves_are_numbers_only():
    rows = [{"step": 0, "data": "093384be", "chance": 0.7}, {"step": 1, "loss": 0.5, "accuracy": 0.2}]
    assert set(learning.others(rows)) == {"accuracy"}


def test_the_same_training_twice_is_found_while_it_is_under_way():
    wish = Spec(kind="train", title="a", method="simclr", dataset="digits", train={"epochs": 3})
    run = runs.create(wish)
    assert live.under_way(wish).id == run.id
    assert live.under_way(wish.model_copy(update={"train": {"epochs": 4}})) is None
    run.update(state="done")
    assert live.under_way(wish) is None


def look(id: str) -> None:
    import streamlit as st

    from explorer import jobs, runs
    from pages.ui import live, several

    st.session_state["_states"] = jobs.glance().states
    live._look(id, several.set_of(runs.find(id)))


def test_whoever_watches_a_training_brings_it_to_the_engine_again_should_that_have_died(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    run.update(state="running")
    looks = []
    monkeypatch.setattr(jobs, "reconcile", lambda: looks.append(run.id))
    AppTest.from_function(look, args=(run.id,)).run(timeout=60)
    assert looks


def test_a_training_that_a_shared_look_does_not_know_yet_is_watched_all_the_same(monkeypatch):
    run, pace = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits")), []
    monkeypatch.setattr(jobs, "glance", lambda: SimpleNamespace(states=()))
    monkeypatch.setattr(live.st, "fragment", lambda _, run_every: pace.append(run_every) or print)
    live.watch(run)
    run.update(state="done")
    live.watch(run)
    assert pace == [live.OFTEN, None]


def onward(id: str) -> None:
    from explorer import runs
    from pages.ui import scorecard

    scorecard.onward(runs.find(id))


@pytest.mark.parametrize("what", [look, onward])
def test_a_look_at_a_training_does_not_read_all_others(what, monkeypatch):
    """Neither where its parent is gone, nor where nobody has asked for its export."""
    kin = {"parent": "deleted", "relation": "clone"}
    clone = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", **kin))
    monkeypatch.setattr(address, "link", lambda *words, **query: None)  # there is no page to lead to
    monkeypatch.setattr(jobs, "reconcile", lambda: None)
    there = jobs.look()
    monkeypatch.setattr(jobs, "glance", lambda: there)
    monkeypatch.setattr(runs, "listing", None)
    id, says = {look: (clone.id, "deleted, which is no longer here"), onward: ("digits-autoencoder", "")}[what]
    at = AppTest.from_function(what, args=(id,)).run(timeout=60)
    assert not at.exception
    assert says in " ".join(it.value for it in at.caption)
    assert (what is look) or [button.label for button in at.button] == ["Export"]


def choice() -> None:
    import streamlit as st

    from pages.ui import pick

    st.write(pick.model("digits"))


def test_a_model_that_still_learns_is_not_looked_into_and_the_page_says_why():
    run = runs.create(Spec(kind="train", title="My run", method="simclr", dataset="digits"))
    for state, said in (("running", "**My run** still learns"), ("failed", "There is no model 'simclr")):
        run.update(state=state)
        at = AppTest.from_function(choice)
        at.query_params["model"] = run.id
        assert at.run(timeout=60).info[0].value.startswith(said)


def test_the_training_of_another_browser_is_not_taken_for_ones_own():
    wish = Spec(kind="train", title="a", method="simclr", dataset="digits")
    runs.create(wish.model_copy(update={"user": "somebody"}))
    assert live.under_way(wish) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (8.4, "8 s"), (38, "40 s"), (58, "1 min"), (250, "4 min"), (9000, "2.5 h")]
)
def test_a_guess_is_said_without_false_precision(seconds, words):
    assert say.roughly(seconds) == words


@pytest.mark.parametrize(
    ("n", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_places_in_a_queue_are_said_as_people_say_them(n, words):
    assert say.ordinal(n) == words


def test_values_of_a_set_are_read_from_a_list():
    assert several.numbers(" 1, 0.5;1e-3\n2") == [1, 0.5, 0.001, 2]
    assert several.numbers("0,001; 0,01") == [0.001, 0.01]
    assert several.numbers("1, 2, 1.0") == [1, 2]
    assert [type(value) for value in several.numbers("2, 2.5")] == [int, float]
    with pytest.raises(Refused, match="'two' is no number"):
        several.numbers("1, two")


def test_a_clone_names_the_knobs_that_are_others():
    parent = Spec(kind="train", title="a", method="simclr", dataset="digits", knobs={"temperature": 0.5, "flip": True})
    clone = parent.model_copy(update={"knobs": {"temperature": 0.2, "flip": False}})
    assert family.changes(clone, parent).replace("\N{NO-BREAK SPACE}", " ") == "temperature 0.5 → 0.2, flip on → off"
    assert family.changes(parent, parent) == ""


def test_runs_of_a_set_are_called_by_what_differs():
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits", knobs={"temperature": 0.5}, group="set")
    made = [runs.create(spec.model_copy(update={"knobs": {"temperature": t}})) for t in (0.1, 0.25)]
    assert apart.labels(made) == ["temperature 0.1", "temperature 0.25"]
    lone = runs.create(spec.model_copy(update={"group": "", "title": "b"}))
    assert apart.sets([made[1], lone, made[0]]) == [[made[1], made[0]], [lone]]
    assert list(apart.namesakes([*made, lone]).values()) == ["temperature 0.1", "temperature 0.25"]


def test_more_trainings_than_the_queue_takes_are_not_offered(monkeypatch):
    monkeypatch.setattr(visitor, "me", lambda: "somebody")
    monkeypatch.setenv("EXPLORER_QUEUE", "3")
    runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", user="somebody"))
    assert several._short(2) == ""
    assert several._short(4) == "These are 4 trainings, and the queue takes 2 more of yours."


def test_who_asks_for_no_run_sees_their_own_then_one_that_learns_then_a_shipped_one(monkeypatch):
    monkeypatch.setattr(visitor, "me", lambda: "me")
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits", user="somebody")

    def first():
        return pick._first(pick._nearest_first())

    assert first().shipped
    learns = runs.create(spec)
    assert first().shipped  # it has no curve yet
    learns.update(state="running", step=3)
    runs.create(spec)
    assert first().id == learns.id
    mine = runs.create(spec.model_copy(update={"user": "me"}))
    assert first().id == mine.id
    runs.create(spec)
    assert pick._nearest_first()[0].id == mine.id


def test_what_can_be_looked_at_begins_with_ones_own_and_not_with_a_strangers(monkeypatch):
    monkeypatch.setattr(visitor, "me", lambda: "me")
    ended = {}
    for user, dataset in [("me", "digits"), ("me", "shapes"), ("somebody", "digits")]:
        run = runs.create(Spec(kind="train", title="a", method="simclr", dataset=dataset, user=user))
        run.write_checkpoint(1, {"model.safetensors": b"w", "resume.pt": b"r"})
        run.update(state="stopped")
        ended[user, dataset] = run.id
    order = list(pick.models("digits"))
    places = [order.index(ref) for ref in (ended["me", "digits"], "digits-simclr", ended["somebody", "digits"])]
    assert places == sorted(places) and places[0] == 0
    assert places[-1] < order.index(ended["me", "shapes"]) < order.index("pixels")


@pytest.mark.parametrize(
    ("path", "accept", "astray"),
    [
        ("/a/b", "text/html", True),
        ("/train/x", "text/html,*/*", True),
        ("/train/", "text/html", False),
        ("/a/b", "*/*", False),
        ("/_stcore/health", "text/html", False),
        ("/result/x/y", "text/html", False),
    ],
)
def test_an_address_below_a_page_is_led_home(path, accept, astray):
    headers = [(b"accept", accept.encode())]
    assert routes._astray({"type": "http", "path": path, "headers": headers}) == astray


def cloned() -> None:
    import streamlit as st

    from pages.ui import family

    st.write(family.model("simclr", "digits"))


def test_a_clone_of_a_run_that_is_not_there_leaves_the_address():
    at = AppTest.from_function(cloned)
    at.query_params["from"] = "nothing"
    assert not at.run(timeout=60).exception
    assert "from" not in at.query_params


def looked_into(id: str) -> None:
    from pages.ui import models

    models.caveat(id)


def test_a_damaged_checkpoint_is_said_where_its_model_is_looked_into(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    assert not AppTest.from_function(looked_into, args=(run.id,)).run(timeout=60).warning
    monkeypatch.setattr(runs.Run, "damage", lambda _: "its checkpoint of step 5 is damaged")
    at = AppTest.from_function(looked_into, args=(run.id,)).run(timeout=60)
    assert at.warning[0].value == "Its checkpoint of step 5 is damaged."


def test_a_full_disk_is_said_in_a_sentence_and_the_rest_of_the_page_stands():
    at = AppTest.from_string("""
import errno
import streamlit as st
from pages.ui import say
with say.guard():
    raise OSError(errno.ENOSPC, "No space left on device")
st.write("the rest")
""").run(timeout=60)
    assert at.error[0].value == say.FULL
    assert at.markdown[0].value == "the rest"


def test_a_browser_without_cookies_has_no_name_and_shares_what_nobody_owns(monkeypatch):
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits")
    own, foreign = runs.create(spec), runs.create(spec.model_copy(update={"user": "somebody"}))
    assert visitor.me() == ""
    assert visitor.mine(own)
    assert not visitor.mine(foreign)
    monkeypatch.setattr(visitor, "me", lambda: "somebody")
    assert visitor.mine(own)
    assert visitor.mine(foreign)


def test_every_shipped_map_is_found_by_the_page_that_asks_for_it():
    asked = [requests.chart(run.id, run.spec.dataset, how) for run in runs.listing() for how in PROJECTIONS]
    assert asked
    assert all(runs.create(spec).shipped for spec in asked)


def shelf_of_all() -> None:
    from explorer import runs
    from pages.ui import shelf

    shelf.shelf(runs.listing("train", shipped=False))


def test_a_set_is_one_row_among_the_runs(monkeypatch):
    monkeypatch.setattr(address, "link", lambda *words, **query: None)  # there is no page to lead to
    for n, wish in enumerate(requests.sweep("autoencoder", "digits", {}, {}, "lr", [0.001, 0.01, 0.1])):
        runs.create(wish).update(state="failed" if n else "done")
    at = AppTest.from_function(shelf_of_all).run(timeout=60)
    assert not at.exception
    said = "**Autoencoder on Digits** · 3 trainings over learning rate · 1 done, 2 failed"
    assert [fold.label for fold in at.expander] == [said]


# ------------------------------------------------------------------------------------------------ many methods


@pytest.mark.parametrize("source", ["digits", "shapes"])
@pytest.mark.parametrize("method", KNOWN)
def test_every_method_shows_what_it_makes_of_grey_and_colour_images(method, source):
    found, rows = data.load(source), np.array([3, 3, 8])
    images, spec = found.splits["train"], recipe.spec(found)
    if KNOWN[method].info.needs.unmet(spec):
        with pytest.raises(Refused, match=method):
            views.preview(method, {}, images.x[rows], 0, images.y[rows], spec, rows)
        return
    first, again = (views.preview(method, {}, images.x[rows], 0, images.y[rows], spec, rows) for _ in range(2))
    assert first.keys() == again.keys()
    for name, made in first.items():
        assert made.dtype == np.uint8 and len(made) == 3 and made.shape[-3] in (1, 3)
        np.testing.assert_array_equal(made, again[name])
        whole = scrubber.whole(made)
        assert whole.ndim == 4 and whole.shape[2] == whole.shape[3], "one square picture for each draw"


def test_what_is_no_picture_is_not_shown():
    for view in (torch.rand(3, 8), torch.rand(3, 2, 4, 4), torch.ones(3, 1, 4, 4, dtype=torch.bool), torch.arange(3)):
        assert not views.pictured(view)
    assert views.pictured(torch.rand(3, 9, 1, 4, 4)) and views.pictured(torch.rand(3, 3, 4, 4))


def test_tiles_become_one_square_picture_with_gaps():
    tiles = np.full((2, 2, 1, 3, 3), 200, np.uint8)
    made = scrubber.whole(tiles)
    assert made.shape == (2, 4, 25, 25)
    assert made[0, 3, 12, 12] == 0 and made[0, 3, 12, 11] == 255, "a gap of one pixel between enlarged tiles"
    assert not made[0, 3, :6].any()
    np.testing.assert_array_equal(scrubber.whole(tiles[:, 0]), tiles[:, 0])


@pytest.fixture
def no_links(monkeypatch):
    """Pages under test have no other page to lead to."""
    said = []
    monkeypatch.setattr(address, "link", lambda *words, **query: said.append((*words, query)))
    return said


def opened(page, **query):
    """A page as it stands after its first run."""
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/{page}.py", default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    assert not at.error, at.error
    return at


@pytest.mark.parametrize("source", ["digits", "shapes"])
@pytest.mark.parametrize("method", KNOWN)
def test_every_method_has_its_pages(method, source, no_links):
    title, fits = KNOWN[method].info.title, not KNOWN[method].info.needs.unmet(recipe.spec(data.load(source)))
    at = opened("methods", data=source, method=method)
    assert f"**{title}** (" in at.markdown[0].value
    assert any(f"{title} cannot learn from" in it.value for it in at.markdown) != fits
    at = opened("views", data=source, method=method)
    assert at.selectbox(key="method").value == (method if fits else "simclr")


def test_all_methods_stand_in_one_list_by_family(no_links):
    at = opened("methods", data="digits")
    families = [KNOWN[name].info.family for name in recipe.ordered()]
    assert len(set(families)) == sum(a != b for a, b in zip(families, ["", *families], strict=False))
    assert at.selectbox(key="method").options[1:] == [recipe.label(name) for name in recipe.ordered()]
    assert [words[1] for words in no_links] == [KNOWN[name].info.title for name in recipe.ordered()]
    said = [it.value for it in at.caption]
    assert "[arXiv:2002.05709](https://arxiv.org/abs/2002.05709)" in said
    assert "chance 6.24" in said


@pytest.mark.parametrize(
    ("paper", "link"),
    [
        ("arXiv:2002.05709", "[arXiv:2002.05709](https://arxiv.org/abs/2002.05709)"),
        ("doi:10.1126/science.1127647", "[doi:10.1126/science.1127647](https://doi.org/10.1126/science.1127647)"),
        ("proceedings.mlr.press/v15/coates11a", "[proceedings.mlr.press](https://proceedings.mlr.press/v15/coates11a)"),
        ("a book of 1989", "a book of 1989"),
    ],
)
def test_a_paper_is_a_link_where_it_has_an_address(paper, link):
    assert about.cited(paper) == link


class Small(MethodConfig):
    """A knob that may not fit."""

    tiles: int = Field(4, ge=1, le=9, description="a knob")


@pytest.fixture
def picky(monkeypatch):
    """Methods that meet few data sets, and one that must be asked in the right way."""
    supervised = KNOWN["supervised"]

    def named(name, **more):
        info = replace(supervised.info, name=name, title=name.capitalize(), **more)
        return type(name, (supervised,), {"info": info, "__module__": supervised.__module__})

    for name in ("huge", "vast", "broad"):
        monkeypatch.setitem(METHODS._items, name, named(name, needs=Needs(min_size=1000)))
    fussy = named("fussy")
    fussy.Config = Small
    fussy.views = lambda self, batch, rng: {"image": batch.x}
    fussy.__init__ = lambda self, cfg, spec, build: supervised.__init__(self, supervised.Config(), spec, build)
    fussy.unfit = classmethod(lambda cls, cfg, spec, train: "wants 4 tiles: choose 4" if cfg.tiles != 4 else None)
    monkeypatch.setitem(METHODS._items, "fussy", fussy)
    alone = named("alone")
    alone.uses_encoder = False
    monkeypatch.setitem(METHODS._items, "alone", alone)
    solved = named("solved")
    solved.uses_encoder = False
    solved.solve = lambda self, data, rng: iter(())
    monkeypatch.setitem(METHODS._items, "solved", solved)


def test_many_methods_that_cannot_meet_the_data_are_one_line(picky, no_links):
    at = opened("views", data="digits")
    assert not any("needs images of at least 1000" in it.value for it in at.caption)
    fold = next(it.value for it in at.markdown if "needs images of at least" in it.value)
    assert fold.replace("\\", "").count("needs images of at least 1000x1000, and digits has 8x8") == 3
    assert not set(at.selectbox(key="method").options) & {recipe.label(name) for name in ("huge", "vast", "broad")}


def test_knobs_that_do_not_fit_the_data_are_said_before_train_is_pressed(picky, no_links):
    query = {"data": "digits", "method": "fussy", "run": "digits-simclr"}
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/train.py", default_timeout=120)
    at.query_params.update({**query, "fussy.tiles": "5"})
    at.run()
    assert not at.exception
    assert [it.value for it in at.error] == ["Fussy wants 4 tiles: choose 4."]
    assert [button.disabled for button in at.button if button.label == "Train"] == [True]
    at.slider(key="fussy.tiles").set_value(4).run()
    assert not at.error
    assert [button.disabled for button in at.button if button.label == "Train"] == [False]


def test_knobs_that_do_not_fit_the_data_are_explained_among_the_views(picky, no_links):
    at = opened("views", **{"data": "digits", "method": "fussy", "fussy.tiles": "5"})
    assert any("wants 4 tiles: choose 4" in it.value.replace("\\", "") for it in at.markdown)


def test_a_rule_about_the_number_of_images_is_said_at_the_form(picky, monkeypatch):
    few = classmethod(lambda cls, cfg, spec, train: f"has {spec.rows} of {len(spec.classes)}")
    monkeypatch.setattr(METHODS["fussy"], "unfit", few)
    found = data.load("digits")
    n = len(found.splits["train"].y)
    for training, said in (({}, f"{n} of 10"), ({"subset": 70}, "70 of 10"), ({"classes": ("3", "7")}, "of 2")):
        with pytest.raises(Refused, match=said):
            recipe.check("fussy", found, {}, training)


@pytest.mark.parametrize(
    ("method", "gone", "says"),
    [
        ("alone", {"encoder", "width"}, "no encoder to choose"),
        ("solved", {"encoder", "width", "epochs", "batch", "optimizer", "lr"}, "not learned in steps"),
        ("supervised", set(), ""),
    ],
)
def test_knobs_that_do_nothing_are_not_offered_and_the_form_says_why(method, gone, says, picky, no_links):
    at = opened("train", data="digits", method=method, run="digits-simclr")
    here = {it.key for kind in ("slider", "number_input", "selectbox", "toggle") for it in at.get(kind)}
    names = {"encoder", "width", "epochs", "batch", "optimizer", "lr", "subset", "seed"}
    assert {name for name in names if f"{method}.train.{name}" not in here} == gone
    assert any(says in it.value for it in at.caption)
    assert gone.isdisjoint(several._offered(method))
    assert any(says in it.value for it in opened("methods", data="digits", method=method).caption)


def test_the_gallery_shows_tiles_and_pictures_of_one_moment():
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    gallery = {
        "gallery_filled_hole": np.zeros((4, 1, 8, 8), np.uint8),
        "gallery_tiles": np.zeros((4, 9, 3, 4, 4), np.uint8),
    }
    features = np.random.default_rng(0).normal(size=(30, 4))
    run.write_frame(0, features=features, rows=np.arange(30), y=np.arange(30) % 10, **gallery)
    at = AppTest.from_function(scrubbed, args=(run.id,)).run(timeout=60)
    assert not at.exception
    shown = " ".join(it.proto.body for it in at.get("html"))
    assert shown.count('alt="filled hole: ') == shown.count('alt="tiles: ') == 4


def scrubbed(id: str) -> None:
    from explorer import runs
    from pages.ui import scrubber

    scrubber.scrubber(runs.get(id))
