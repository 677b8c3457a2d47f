"""Importing finished vectors: files are dropped, what was understood is said, a click keeps them and maps them."""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from explorer.data import DataSet
from explorer.data.dataset import LeftOut
from explorer.data.vectors import roles, store
from explorer.data.vectors.roles import Roles
from explorer.data.vectors.store import Stored
from explorer.moments import moment
from explorer.tasks import finished_vectors
from explorer.tasks.finished_vectors import Opened
from pages.ui.kit import actions, identity, messages, url_state
from pages.ui.runs import ownership

ROUND, READ = "_import_round", "_import_read"  # in the session: how many imports there were; what the last files hold
LISTED = 12  # sets that are linked
ABOUT = """
One table of numbers, a row for each vector: `npy`, `npz`, `csv`, `tsv` or `parquet`. Labels and other columns may stand
in it or in a second table of as many rows, as in the Embedding Projector. Pictures, if there are any: a zip, by
the file names in a column or else in the order of their own, or one sprite. Nothing leaves the machine that this page
runs on.
"""
OTHER_DATA = ("find", "map.label", "from", "to")  # texts that name points or classes of the data of before
SELECTED = ("point", "selection", "focus", "colour")


class Summary(NamedTuple):
    """What files were taken for, without their arrays."""

    rows: int
    dim: int
    pictures: int | None
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def offer() -> None:
    """The button beside the choice of data and model: the form is behind it, and the sets that are here."""
    with st.popover("Import vectors", icon=":material/upload_file:", key=f"import-{st.session_state.get(ROUND, 0)}"):
        with messages.guard():
            _form()
        sets = list(store.listing().values())
        if sets:
            st.caption("Imported before:")
        for it in sets[:LISTED]:
            url_state.link("embeddings", messages.plain(it.title), "scatter_plot", data=it.name, model=it.name)
        if len(sets) > LISTED:
            st.caption(f"The first {LISTED} of {len(sets)}; the choice of data lists all.")


def about(dataset: DataSet) -> None:
    """What is known of the vectors that are on the screen, and how to delete them; nothing of other data."""
    it = store.find(dataset.name)
    if it:
        with st.expander("These vectors", icon=":material/dataset:", expanded=_just_imported(it)), messages.guard():
            _about(it)


# ------------------------------------------------------------------------------------------------- the form


def _form() -> None:
    key = f"vectors-files-{st.session_state.get(ROUND, 0)}"  # after an import there is a new, empty one
    endings = [*roles.TABLES, *roles.PICTURES]
    given = st.file_uploader("Files", endings, accept_multiple_files=True, key=key, help=" ".join(ABOUT.split()))
    if not given:
        st.session_state.pop(READ, None)
        st.caption("npy, npz, csv, tsv or parquet; labels and pictures beside them if there are any.")
        return
    roles.check_distinct([it.name for it in given])
    files = {it.name: it for it in given}
    assigned = roles.assign({name: it.size for name, it in files.items()})
    if assigned.labels:
        tables = sorted([assigned.vectors, assigned.labels], key=list(files).index)
        chosen = st.selectbox("The vectors are in", tables, tables.index(assigned.vectors), key=f"{key}-vectors")
        assigned = roles.assign({name: it.size for name, it in files.items()}, chosen)
    found = _read(assigned, files)
    columns = ["", *found.columns]
    words = {"": "as they are recognised"}
    label = (
        ""
        if not columns[1:]
        else st.selectbox("Labels", columns, format_func=lambda name: words.get(name, name), key=f"{key}-label")
    )
    _understood(_summary(found, label))
    title = st.text_input("Name", Path(found.source).stem, max_chars=finished_vectors.TITLE, key=f"{key}-title")
    style = {"icon": ":material/scatter_plot:", "type": "primary", "width": "stretch", "key": "import-vectors"}
    actions.button("Import and show their map", _keep, found, label, title.strip() or found.source, **style)


def _read(assigned: Roles, files: Mapping[str, Any]) -> Opened:
    """What the files hold; read once, as long as they are the same."""
    ids = tuple(files[name].file_id for name in assigned if name)
    known, found, _ = st.session_state.get(READ, (None, None, {}))
    if known == ids:
        return found
    st.session_state.pop(READ, None)
    with st.spinner("Reading the files"), tempfile.TemporaryDirectory() as folder:
        paths = {}
        for role, name in assigned._asdict().items():
            if name:
                paths[role] = Path(folder, role, Path(name).name)
                paths[role].parent.mkdir()
                paths[role].write_bytes(files[name].getbuffer())
        found = finished_vectors.opened(paths["vectors"], paths.get("labels"), paths.get("images"))
    st.session_state[READ] = ids, found, {}
    return found


def _summary(found: Opened, label: str) -> Summary:
    """What is said of these files with this label; worked out once, and the arrays are let go."""
    known: dict[str, Summary] = st.session_state[READ][2]
    if label not in known:
        it = finished_vectors.understood(found, label)
        pictures = None if it.images is None else len(it.images)
        known[label] = Summary(*it.vectors.shape, pictures, it.notes, it.left_out)
    return known[label]


def _understood(it: Summary) -> None:
    """What the files were taken for: rows, columns, labels, and what is left out."""
    pictures = f", {it.pictures:,} pictures" if it.pictures is not None else ""
    messages.prose(f"**{it.rows:,} vectors of {it.dim:,} numbers**{pictures}")
    _notes(it.notes)
    if len(it.left_out) > finished_vectors.NOTED:  # the note names the first ones
        listed = [{"row": out.path, "why": out.why} for out in it.left_out]
        st.dataframe(listed, hide_index=True, height=120, key="import-left-out", alt="Rows that are left out")


def _notes(notes: tuple[str, ...]) -> None:
    messages.caption("\n".join(f"- {messages.plain(messages.sentence(note))}" for note in notes))


def _keep(found: Opened, label: str, title: str) -> None:
    """Keep the vectors, and show their maps: no choice among the points of before means anything to them."""
    kept = finished_vectors.keep_beside(finished_vectors.understood(found, label), title, identity.me())
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state.pop(READ, None)
    _turn_to({"data": kept.name, "model": kept.name})
    st.session_state["_imported"] = kept.name


def _turn_to(data: Mapping[str, str]) -> None:
    for key in OTHER_DATA:
        if key in st.session_state:  # its widget then empties the address, too
            st.session_state[key] = ""
    for key in (*SELECTED, *url_state.SHARED):
        url_state.put(key, None)
    for key, value in data.items():
        url_state.put(key, value)


# ------------------------------------------------------------------------------------- vectors that are here


def _just_imported(it: Stored) -> bool:
    return st.session_state.get("_imported") == it.name


def _about(it: Stored) -> None:
    """Where they come from and what was understood of them; the button that deletes them."""
    messages.prose(f"**{it.rows:,} vectors of {it.dim:,} numbers** from {messages.plain(it.source)}")
    _notes(it.notes)
    messages.caption(f"Imported on {moment(datetime.fromisoformat(it.created))} as {messages.plain(it.name)}.")
    with st.popover("Delete these vectors", icon=":material/delete:", key="delete-vectors"):
        if not ownership.may_delete_set(it.owner):
            st.caption("Only whoever has imported them or the teacher may delete them.")
            return
        sure = st.checkbox("Delete them permanently, with their maps and scores", key=f"sure-{it.name}")
        style = {"icon": ":material/delete:", "disabled": not sure, "key": f"delete-{it.name}"}
        actions.button("Delete", _delete, it.name, **style)


def _delete(name: str) -> None:
    finished_vectors.delete(name)
    _turn_to({})
