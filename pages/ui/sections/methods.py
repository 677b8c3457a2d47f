"""What the Methods page says of a method. Importing this imports torch."""

import inspect
import re
from itertools import groupby
from pathlib import Path

import streamlit as st

from explorer import Refused, data
from explorer.core import Method, TrainConfig
from explorer.data import DataSet
from explorer.evaluation import views
from explorer.methods import METHODS
from explorer.models import build
from pages.ui.kit import forms, messages, method_labels, pictures, url_state
from pages.ui.sections import methods_pictures, train_form

__all__ = ["METHODS", "chance", "cited", "facts", "overview", "show_views", "source", "unmet"]
SHOWN, ANY = 12, "any images"


def chance(name: str, dataset: DataSet, training: TrainConfig) -> str:
    """The loss of an untrained network, in a sentence; empty if the data do not suit the method."""
    level = _level(name, dataset, training)
    if isinstance(level, str):
        return ""
    if level is None:
        return "Its loss has no chance level."
    return f"Loss at chance: **{messages.number(level, 4)}**."


def unmet(name: str, dataset: DataSet) -> str:
    """The rule that this data set breaks, with the method's own hyperparameters; empty where none is."""
    level = _level(name, dataset, METHODS[name].training({}))
    return level if isinstance(level, str) else ""


def _level(name: str, dataset: DataSet, training: TrainConfig) -> float | str | None:
    """The loss of chance, None where there is none; or why the data do not suit the method."""
    if rule := METHODS[name].info.needs.unmet(train_form.spec(dataset)):
        return f"{METHODS[name].info.title} {rule}"
    try:
        return build.fresh(name, {}, views.small(name), train_form.spec(dataset)).chance(training.batch)
    except Refused as refused:
        return method_labels.titled(name, str(refused))


# ------------------------------------------------------------------------------------------- all of them


@st.cache_data(show_spinner=False, max_entries=8)
def _known(source: str, stamp: str) -> dict[str, tuple[str, bool]]:
    """By method, its loss where nothing was learned, or the rule that the data break; and whether it is a rule."""
    dataset, known = data.load(source), {}
    for name, method in METHODS.items():
        level = _level(name, dataset, method.training({}))
        known[name] = (
            (level, True) if isinstance(level, str) else ("" if level is None else messages.number(level), False)
        )
    return known


def overview(dataset: DataSet) -> None:
    """Every method as a card with its diagram, one family after another."""
    known = _known(dataset.name, dataset.hash)
    for family, names in groupby(method_labels.ordered(), lambda name: METHODS[name].info.family):
        messages.heading(messages.plain(family.capitalize()))
        with st.grid(4, min_column_width=256, gap="small"):
            for name in names:
                _card(name, dataset, *known[name])
    messages.provenance(
        data=dataset.title,
        loss_at_chance="that of guessing, with the method's default hyperparameters",
    )


def _card(name: str, dataset: DataSet, level: str, refused: bool) -> None:
    info = METHODS[name].info
    with st.container(border=True, height="stretch", gap="xsmall", key=f"method-{name}"):
        methods_pictures.small(name, dataset)
        url_state.link("methods", info.title, method=name, data=dataset.name)
        messages.prose(messages.plain(info.summary))
        st.caption(cited(info.paper))
        asks = [] if wants(METHODS[name]) == ANY else [wants(METHODS[name])]
        last = f"not for {messages.plain(dataset.title)}" if refused else level and f"chance {level}"
        if words := ", ".join(filter(None, [*asks, last])):
            st.caption(words, help=messages.plain(messages.sentence(level)) if refused else None)


PLACES = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
PAPER = re.compile(r"\b(?P<kind>arxiv|doi):(?P<number>[^\s,;]+)|(?P<host>[\w-]+(\.[\w-]+)+)/[^\s,;]+", re.IGNORECASE)


def cited(paper: str) -> str:
    """A paper as Markdown, with a link where its number or its address leads to it."""

    def link(at: re.Match[str]) -> str:
        if at["kind"]:
            return f"[{at[0]}]({PLACES[at['kind'].lower()]}{at['number']})"
        return f"[{at['host']}](https://{at[0]})"

    return PAPER.sub(link, paper)


# ------------------------------------------------------------------------------------------------ of one


def show_views(name: str, dataset: DataSet, seed: int) -> None:
    """The views that the method's network gets of some images, below the images themselves."""
    images, probe = dataset.splits["validation"], dataset.probe()[0]
    rows = probe[:: max(1, len(probe) // SHOWN)][:SHOWN]
    named = {data.DISPLAYS[dataset.modality].one: data.thumbnails(dataset, "validation", rows)}
    for caption, view in views.preview(
        name, {}, images.x[rows], seed, images.y[rows], train_form.spec(dataset)
    ).items():
        named[caption.replace("_", " ")] = pictures.whole(view)
    pictures.rows(named)
    about = {"method": METHODS[name].info.title, "lines": pictures.seams(named)}
    messages.provenance(data=f"{dataset.title}, validation", **about, seed=seed)


def wants(method: type[Method]) -> str:
    """What the method requires of its images, in words."""
    needs = method.info.needs
    if needs.modality != "image":
        return f"{needs.modality} data"
    needed = (("colour images", needs.colour), (f"at least {needs.min_size} pixels", needs.min_size))
    return " and ".join(word for word, wanted in needed if wanted) or ANY


def facts(method: type[Method]) -> dict[str, str]:
    """Family, needs, network, and the training defaults of its own."""
    own = ", ".join(f"{forms.label(key).lower()} {value}" for key, value in method.train_defaults.items())
    network = "any encoder" if method.uses_encoder else "its own model, no encoder to choose"
    known = {"Family": method.info.family, "Needs": wants(method), "Network": network}
    return known | {"Training defaults": own or "the common ones"}


def source(method: type[Method]) -> tuple[str, str]:
    """The method's file, relative to the repository, and its text."""
    path = Path(inspect.getfile(method))
    return str(path.relative_to(Path(__file__).parents[3])), path.read_text("utf-8")
