"""Every method on its pages, and methods and hyperparameters that the data do not suit."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import Field
from streamlit.testing.v1 import AppTest

from explorer import Refused, data, runs
from explorer.core import METHODS, MethodConfig, Needs
from explorer.evaluation import unfolding, views
from explorer.methods import METHODS as KNOWN
from pages.ui.kit import glossary, messages, method_labels, pictures, url_state
from pages.ui.runs import sweep
from pages.ui.sections import home_unfolding, train_form
from pages.ui.sections import methods as methods_section
from tests import screen_text


@pytest.mark.parametrize("source", ["digits", "shapes"])
@pytest.mark.parametrize("method", KNOWN)
def test_every_method_shows_what_it_makes_of_grey_and_colour_images(method, source):
    found, rows = data.load(source), np.array([3, 3, 8])
    images, spec = found.splits["train"], train_form.spec(found)
    if KNOWN[method].info.needs.unmet(spec):
        with pytest.raises(Refused, match=method):
            views.preview(method, {}, images.x[rows], 0, images.y[rows], spec, rows)
        return
    first, again = (views.preview(method, {}, images.x[rows], 0, images.y[rows], spec, rows) for _ in range(2))
    assert first.keys() == again.keys()
    for name, made in first.items():
        assert made.dtype == np.uint8 and len(made) == 3 and made.shape[-3] in (1, 3)
        np.testing.assert_array_equal(made, again[name])
        whole = pictures.whole(made)
        assert whole.ndim == 4 and whole.shape[2] == whole.shape[3], "one square picture for each draw"


@pytest.fixture
def no_links(monkeypatch):
    """Pages under test have no other page to lead to."""
    said = []
    monkeypatch.setattr(url_state, "link", lambda *words, **query: said.append((*words, query)))
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
    title, fits = KNOWN[method].info.title, not KNOWN[method].info.needs.unmet(train_form.spec(data.load(source)))
    at = opened("methods", data=source, method=method)
    assert f"**{title}** (" in at.markdown[0].value
    assert any(f"{title} cannot learn from" in it.value for it in at.markdown) != fits
    at = opened("views", data=source, method=method)
    assert at.selectbox(key="method").value == (method if fits else "simclr")


@pytest.mark.parametrize(("source", "offered"), [("digits", False), ("shapes", True)])
def test_a_method_that_cannot_learn_from_the_data_is_not_offered_for_training(source, offered, no_links):
    opened("methods", data=source, method="colorization")
    assert ("Train Colorization" in [words[1] for words in no_links]) == offered


def test_the_lines_between_tiles_are_said_to_be_drawn_where_there_are_tiles(no_links):
    for page in ("methods", "views"):
        for method, tiled in (("jigsaw", True), ("rotation", False)):
            at = opened(page, data="digits", method=method)
            assert any("lines between tiles are drawn, not part" in it.value for it in at.caption) == tiled


def test_a_refusal_on_a_page_has_the_title_of_the_method(no_links):
    assert method_labels.titled("moco", "moco needs a queue") == "MoCo needs a queue"
    assert method_labels.titled("moco", "no moco hyperparameter 'a'") == "no moco hyperparameter 'a'"
    assert method_labels.titled("pca", "pcas are many") == "pcas are many"


def test_all_methods_stand_in_one_list_by_family(no_links):
    at = opened("methods", data="digits")
    families = [KNOWN[name].info.family for name in method_labels.ordered()]
    assert len(set(families)) == sum(a != b for a, b in zip(families, ["", *families], strict=False))
    assert at.selectbox(key="method").options[1:] == [method_labels.label(name) for name in method_labels.ordered()]
    assert [words[1] for words in no_links] == [KNOWN[name].info.title for name in method_labels.ordered()]
    said = [screen_text.unlinked(it.value) for it in at.caption]
    assert "[arXiv:2002.05709](https://arxiv.org/abs/2002.05709)" in said
    assert "chance 6.24" in said
    assert not any("e+" in it for it in said)


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
    assert methods_section.cited(paper) == link


class Small(MethodConfig):
    """A hyperparameter that may not fit."""

    tiles: int = Field(4, ge=1, le=9, description="a hyperparameter")


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
    fussy.incompatible = classmethod(
        lambda cls, cfg, spec, train: "wants 4 tiles: choose 4" if cfg.tiles != 4 else None
    )
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
    assert not set(at.selectbox(key="method").options) & {
        method_labels.label(name) for name in ("huge", "vast", "broad")
    }


def test_hyperparameters_that_do_not_fit_the_data_are_said_before_train_is_pressed(picky, no_links):
    query = {"data": "digits", "method": "fussy"}
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/new.py", default_timeout=120)
    at.query_params.update({**query, "fussy.tiles": "5"})
    at.run()
    assert not at.exception
    assert [it.value for it in at.error] == [messages.plain("Fussy wants 4 tiles: choose 4.")]
    assert [button.disabled for button in at.button if button.label.startswith("Start training")] == [True]
    at.slider(key="fussy.tiles").set_value(4).run()
    assert not at.error
    assert [button.disabled for button in at.button if button.label.startswith("Start training")] == [False]


def test_hyperparameters_that_do_not_fit_the_data_are_explained_among_the_views(picky, no_links):
    at = opened("views", **{"data": "digits", "method": "fussy", "fussy.tiles": "5"})
    assert any("wants 4 tiles: choose 4" in it.value.replace("\\", "") for it in at.markdown)


def test_a_rule_about_the_number_of_images_is_said_at_the_form(picky, monkeypatch):
    few = classmethod(lambda cls, cfg, spec, train: f"has {spec.rows} of {len(spec.classes)}")
    monkeypatch.setattr(METHODS["fussy"], "incompatible", few)
    found = data.load("digits")
    n = len(found.splits["train"].y)
    for training, said in (({}, f"{n} of 10"), ({"subset": 70}, "70 of 10"), ({"classes": ("3", "7")}, "of 2")):
        with pytest.raises(Refused, match=said):
            train_form.check("fussy", found, {}, training)


@pytest.mark.parametrize(
    ("method", "gone", "says"),
    [
        ("alone", {"encoder", "width"}, "no encoder can be chosen"),
        ("solved", {"encoder", "width", "epochs", "batch", "optimizer", "lr"}, "solved without gradient steps"),
        ("supervised", set(), ""),
    ],
)
def test_hyperparameters_that_do_nothing_are_not_offered_and_the_form_says_why(method, gone, says, picky, no_links):
    at = opened("new", data="digits", method=method)
    here = {it.key for kind in ("slider", "number_input", "selectbox", "toggle") for it in at.get(kind)}
    names = {"encoder", "width", "epochs", "batch", "optimizer", "lr", "subset", "seed"}
    assert {name for name in names if f"{method}.train.{name}" not in here} == gone
    assert any(says in it.value for it in at.caption)
    assert gone.isdisjoint(sweep._offered(method))
    assert any(says in it.value for it in opened("methods", data="digits", method=method).caption)


def test_the_first_page_leads_with_the_map_that_gains_most_over_raw_pixels_and_says_so(no_links):
    stored = [run for run in runs.listing("train") if run.shipped and (run.folder / unfolding.FILE).exists()]
    shares = {run.id: unfolding.read(run.folder).agreement for run in stored if run.spec.method != "supervised"}
    best = home_unfolding.chosen()
    assert best.id == max(shares, key=lambda id: shares[id].after - shares[id].pixels)
    said, found = home_unfolding.lead(best), shares[best.id]
    assert all(f"{share:.0%}" in said for share in found)
    assert found.after > found.pixels, "learning is seen to beat raw pixels"
    assert opened("home").markdown[0].value == glossary.terms(said)


def test_a_training_that_ends_before_it_can_learn_is_told_how_many_epochs_would_do(no_links):
    at = opened("new", data="digits", method="simclr")
    assert [it.value.partition(" steps")[0] for it in at.warning] == [
        messages.plain("Expect little gain: after 20 training")
    ]
    at.button(key="more-epochs").click().run()
    assert at.number_input(key="simclr.train.epochs").value == 75 and not at.warning
    assert not opened("new", data="digits", method="pca").warning, "it has no steps"
