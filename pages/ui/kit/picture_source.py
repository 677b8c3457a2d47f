"""Bringing pictures to a page: files, a folder, the camera, or a drawing. One picker for all pages that take some."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from explorer import Refused
from explorer.data.image_sets import labels
from explorer.system import settings
from pages.ui.kit import actions, messages

FILES, FOLDER, CAMERA, DRAW = "Files", "Folder", "Camera", "Draw"
ICONS = {FILES: "upload_file", FOLDER: "folder_open", CAMERA: "photo_camera", DRAW: "draw"}
HTTPS = (
    "A browser gives its camera to a page of this machine, or to one over HTTPS. If no picture comes here, open Unfold "
    "at `localhost` on its own machine, or put it behind a server with a certificate."
)
MOST_SHOTS = 500  # photographs and drawings that wait to be brought in
MOST_DRAWN = 2_000_000  # letters of an address that holds a drawing
_css, _js = (Path(__file__).with_name(f"drawing.{kind}").read_text("utf-8") for kind in ("css", "js"))
_canvas = st.components.v2.component("unfold_drawing", css=_css, js=_js, isolate_styles=False)


class Brought(NamedTuple):
    """A file of the visitor, by the name that it came with."""

    name: str
    content: bytes | memoryview
    id: str  # the same as long as it is the same upload
    label: str = ""  # the class that was named with it

    @property
    def file_id(self) -> str:
        """As Streamlit calls it."""
        return self.id

    def getvalue(self) -> bytes:
        """All bytes."""
        return bytes(self.content)


def choose(
    key: str,
    *,
    sources: Sequence[str] = (FILES, FOLDER, CAMERA, DRAW),
    more_types: Sequence[str] = (),
    named: bool = False,
    label: str = "Pictures",
    most: int = 0,
    help: str | None = None,
) -> list[Brought]:
    """Let the visitor bring pictures; what was brought is kept under `key` until `clear`.

    `more_types` are endings beside those of pictures, `most` MB may a file have; with `named`, each photograph and
    drawing gets a class.
    """
    st.session_state.setdefault(_shots(key), [])
    words = {source: f":material/{ICONS[source]}: {source}" for source in sources}.get
    source = st.segmented_control(f"{label} from", sources, default=sources[0], format_func=words, key=f"{key}-source")
    turn = st.session_state.get(f"_{key}-round", 0)
    most = most or settings.megabytes("UPLOAD_FILE") // 1_000_000
    if source == CAMERA:
        _shot(key, turn, named)
    elif source == DRAW:
        _drawing(key, turn, named)
    types = [*labels.READ, *labels.CAMERA, *more_types]  # those of cameras are named with the way out
    files = []
    if source in (FILES, FOLDER, None):
        several = "directory" if source == FOLDER else True
        style = {"accept_multiple_files": several, "max_upload_size": most, "help": help}
        own = key if several is True and not turn else f"{key}-{source or FILES}-{turn}"
        files = st.file_uploader(label, types, key=own, **style)
    shots = st.session_state[_shots(key)]
    if shots:
        _kept(key, shots)
    return [*(Brought(it.name, it.getbuffer(), it.file_id) for it in files), *shots]


def clear(key: str) -> None:
    """Forget what was brought: the fields are new and empty."""
    st.session_state[f"_{key}-round"] = st.session_state.get(f"_{key}-round", 0) + 1
    st.session_state[_shots(key)] = []


def _shots(key: str) -> str:
    return f"_{key}-shots"


def _shot(key: str, turn: int, named: bool) -> None:
    label = _class(key) if named else ""
    photo = st.camera_input("Take a picture", key=f"{key}-camera-{turn}")
    st.caption(HTTPS)
    if photo and photo.file_id not in {it.id for it in st.session_state[_shots(key)]}:
        with messages.guard():
            _add(key, Brought("", photo.getvalue(), photo.file_id, label), "photo", "jpg")


def _drawing(key: str, turn: int, named: bool) -> None:
    """A canvas; the button of the component sends what was drawn as a PNG."""
    label = _class(key) if named else ""
    name = f"{key}-drawing-{turn}"

    def drawn() -> None:
        actions.perform(name, _take, key, st.session_state[name].drawn, label)

    actions.failure(name)
    _canvas(key=name, data={"label": "Draw here"}, on_drawn_change=drawn)


def _take(key: str, drawn: object, label: str) -> None:
    """Add a drawing, as the browser has sent it; raises `Refused` for what is none."""
    if not drawn:
        return
    head, _, text = str(drawn)[: MOST_DRAWN + 1].partition(",")
    if len(str(drawn)) > MOST_DRAWN or head != "data:image/png;base64":
        raise Refused("this is no drawing of this page, or a larger one than it makes: send another one")
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:  # also `binascii.Error`
        raise Refused("the drawing has not arrived whole: send another one") from None
    number = len(st.session_state[_shots(key)])
    _add(key, Brought("", content, f"drawing-{number}-{len(content)}", label), "drawing", "png")


def _class(key: str) -> str:
    return st.text_input("Class of the next pictures", key=f"{key}-class", max_chars=labels.LONGEST).strip()


def _add(key: str, it: Brought, word: str, end: str) -> None:
    """Keep a picture; raises `Refused` where there are enough: they wait in the memory of the server."""
    shots = st.session_state[_shots(key)]
    most = settings.megabytes("UPLOAD_FILE")
    if len(shots) >= MOST_SHOTS or sum(len(shot.content) for shot in shots) + len(it.content) > most:
        have = f"at most {MOST_SHOTS} photographs and drawings of {most // 1_000_000} MB in all are kept here"
        raise Refused(f"{have}: bring these in first, or clear them")
    shots.append(it._replace(name=f"{word}-{len(shots) + 1}.{end}"))


def _kept(key: str, shots: Sequence[Brought]) -> None:
    counts: dict[str, int] = {}
    for it in shots:
        counts[it.label or "no class"] = counts.get(it.label or "no class", 0) + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(", ".join(f"{n} of {label}" for label, n in counts.items()))
        st.button("Clear", icon=":material/delete:", type="tertiary", key=f"{key}-clear", on_click=clear, args=(key,))
