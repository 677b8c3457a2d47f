"""The sets that somebody has imported: a list of them, and of the one on the screen its notes and its baselines."""

import streamlit as st

from explorer import Refused
from explorer.data import DataSet
from explorer.evaluation import statistics
from explorer.models.reference import ModelRef, references
from explorer.tasks import image_import, request
from explorer.tasks.image_import import ImageSet
from pages.ui.kit import actions, identity, messages, url_state
from pages.ui.runs import job_progress, ownership
from pages.ui.sections import data_import

ENCODERS = {3: ("cifar10-simclr", "shapes-simclr"), 1: ("garments-simclr", "digits-simclr")}  # by colours, best first
HEIGHT = 130  # pixels


def listing() -> None:
    """The visitor's own sets: each with a link, and what can be done with it."""
    me = identity.me()
    own = [it for it in image_import.listing().values() if me and it.owner == me]
    if own:
        used = messages.amount(sum(it.bytes for it in own))
        st.caption(f"Your sets, {used} in all:")
    for it in own:
        with st.container(horizontal=True, vertical_alignment="center", key=f"own-{it.name}"):
            url_state.link("data", messages.plain(it.title), "photo_library", data=it.name)
            shared = ", shared" if it.shared else ""
            st.caption(f"{it.pictures:,} pictures, {messages.amount(it.bytes)}{shared}", width="stretch")
            _change(it)


def about(dataset: DataSet) -> None:
    """Of an imported set: what was understood of it, and its baselines; nothing of other data."""
    it = image_import.find(dataset.name)
    if it is None:
        return
    new = st.session_state.get(data_import.NEW) == it.name
    with st.expander("This set", icon=":material/dataset:", expanded=new), messages.guard():
        whose = "by you" if it.owner and it.owner == identity.me() else "by somebody else" if it.owner else "here"
        messages.prose(f"**{it.pictures:,} pictures in {len(it.counts):,} classes**, imported {whose} from "
                       f"{messages.plain(it.source)}, stored without EXIF")  # fmt: skip
        messages.caption("\n".join(f"- {messages.plain(messages.sentence(note))}" for note in it.notes))
        data_import.left_out_table(it.left_out, f"set-left-out-{it.name}")
    if it.owner and it.owner == identity.me():
        with messages.guard():
            baselines(dataset)


def baselines(dataset: DataSet) -> None:
    """kNN on the pixels and on a shipped encoder: what a training on this set must beat."""
    messages.heading("Baselines")
    wanted = {"Raw pixels": "pixels"}
    if encoder := _encoder(dataset):
        wanted[encoder[1]] = encoder[0]
    columns = st.columns(len(wanted))
    for column, (title, ref) in zip(columns, wanted.items(), strict=True):
        with column, messages.guard():
            _baseline(title, ref, dataset)


def _baseline(title: str, ref: str, dataset: DataSet) -> None:
    run = job_progress.request(request.request("evaluate", ref, dataset.name))
    scores = run.scores() if run.status.state == "done" else None
    if scores is None:
        st.caption(messages.plain(title))
        job_progress.wait(run, HEIGHT)
        return
    n = int(scores["n_test"])
    st.metric(f"kNN accuracy, {messages.plain(title)}", statistics.percent(scores["knn"], n), border=True)
    messages.caption(f"Chance {statistics.percent(scores['knn_chance'])}, {n:,} test images.")


def _encoder(dataset: DataSet) -> tuple[str, str] | None:
    """The reference and the title of a shipped encoder that can look at these pictures."""
    titles = dict(references(dataset.name))
    for name in ENCODERS[dataset.channels]:
        if name in titles:
            try:
                ModelRef.parse(name).check_data(dataset.name)
            except Refused:
                continue
            return name, titles[name]
    return None


def _change(it: ImageSet) -> None:
    with st.popover("Change", icon=":material/edit:", key=f"change-{it.name}"):
        with st.form(f"rename-{it.name}", border=False):
            st.text_input("Name", it.title, max_chars=image_import.TITLE, key=f"title-{it.name}")
            act = {"on_click": actions.perform, "args": (f"rename-{it.name}", _rename, it.name, it.created)}
            st.form_submit_button("Rename", icon=":material/edit:", **act)
        actions.failure(f"rename-{it.name}")
        word, icon = ("Stop sharing", "lock") if it.shared else ("Share with the class", "group")
        style = {"key": f"share-{it.name}", "icon": f":material/{icon}:"}
        actions.button(word, image_import.share, it.name, not it.shared, it.created, _may, **style)
        st.caption("Shared, everybody on this machine sees it and may train on it.")
        sure = st.checkbox("Delete it permanently, with its maps and scores", key=f"sure-{it.name}")
        style = {"icon": ":material/delete:", "disabled": not sure, "key": f"delete-{it.name}"}
        actions.button("Delete", _delete, it.name, it.created, **style)


def _may(it: ImageSet) -> bool:
    return ownership.may_delete_set(it.owner)


def _rename(name: str, created: str) -> None:
    image_import.rename(name, st.session_state[f"title-{name}"], created, _may)


def _delete(name: str, created: str) -> None:
    image_import.delete(name, created, _may)
    if url_state.read("data") == name:
        url_state.put("data", None)
