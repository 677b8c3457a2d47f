"""The pieces of the pages that need no browser: forms, figures, pictures, words."""

import io
import json
import sys
from types import SimpleNamespace
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel, Field, model_validator
from streamlit.testing.v1 import AppTest

from explorer import Refused, jobs, runs
from explorer.jobs import requests
from explorer.project import PROJECTIONS
from explorer.runs import Spec
from pages.ui import (
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
    routes,
    say,
    several,
    visitor,
)


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """A page under test takes the name `__main__`; processes that later tests start would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


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
