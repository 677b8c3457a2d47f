"""The runs of this browser and of others: state, rename, stop, delete; and the machine they run on."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from explorer import engine, runs
from pages.ui.kit import actions, messages, url_state
from pages.ui.runs import ownership, queue, run_labels

SHOWN = 8
STOP = ":material/stop_circle:"
FOREIGN = "Another browser started this run."
BADGES = {  # state: (colour, icon)
    "queued": ("gray", "schedule"),
    "running": ("blue", "play_arrow"),
    "interrupted": ("orange", "pause"),
    "done": ("green", "check"),
    "stopped": ("gray", "stop"),
    "failed": ("red", "error"),
}


def show(trainings: list[runs.Run], empty: bool = True) -> None:
    """The runs of this browser, then those of others, folded; `empty` says what stands where none is."""
    mine = [run for run in trainings if ownership.mine(run)]
    if mine or empty:
        st.header("My runs", anchor=False)
        _rows(mine, "all-runs")
    if others := [run for run in trainings if not ownership.mine(run)]:
        fold = st.expander(f"Runs of others on this machine ({len(others)})", on_change="rerun", key="others")
        if fold.open:
            with fold:
                _rows(others, "all-others")


def _rows(some: list[runs.Run], key: str) -> None:
    """The runs as rows; those beyond the first few on demand."""
    if not some:
        text = "Your runs are listed here. Choose a card above, or fill in the form yourself."
        messages.empty("Nothing trained yet", text, "train", "Train", "play_circle")
        return
    rows, labels = run_labels.sweeps(some), run_labels.distinguishing(some)
    everything = len(rows) <= SHOWN or st.session_state.get(key, False)
    for members in rows if everything else rows[:SHOWN]:
        if len(members) > 1:
            _sweep(members)
        else:
            _row(members[0], labels.get(members[0].id, ""))
    if len(rows) > SHOWN:
        st.toggle(f"Show all {len(some)} runs", key=key)
    size = sum(run.disk_bytes() for run in some)
    st.caption(f"{len(some)} {'run' if len(some) == 1 else 'runs'}, {messages.amount(size)} on disk in {runs.root()}")


def _sweep(members: list[runs.Run]) -> None:
    """Runs that were submitted together, as a sweep: one row, which opens to them."""
    first = members[-1]  # the oldest
    states = Counter(run.status.state for run in members)
    title = messages.plain(first.title.rpartition(", ")[0] or first.title)
    counted = ", ".join(f"{states[state]} {state}" for state in BADGES if states[state])
    label = (
        f"**{title}** · {len(members)} trainings over {messages.plain(run_labels.hyperparameters(members))} · {counted}"
    )
    fold = st.expander(label, on_change="rerun", key=f"fold-{first.spec.group}")
    if fold.open:
        with fold:
            for run, label in zip(members, run_labels.labels(members), strict=True):
                _row(run, label)


def badge(state: str) -> None:
    """A run's state as a badge."""
    colour, icon = BADGES[state]
    st.badge(state, color=colour, icon=f":material/{icon}:")


def _row(run: runs.Run, label: str = "") -> None:
    status = run.status
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"run-{run.id}"):
        with st.container(gap=None):
            st.markdown(f"**{messages.plain(run.title)}**")
            st.caption(messages.plain(" · ".join(filter(None, [label, _facts(run, status)]))))
        badge(status.state)
        url_state.link("train", "Open", "open_in_new", run=run.id)
        more = {"icon": ":material/more_vert:", "type": "tertiary", "key": f"more-{run.id}"}
        with st.popover("More", help="Rename or delete" if ownership.mine(run) else "Delete", **more):
            _change(run)


def _facts(run: runs.Run, status: runs.Status) -> str:
    if status.error:
        return status.error
    created = f"{datetime.fromtimestamp(run.created, UTC).astimezone():%d %b, %H:%M}"
    facts = [run.spec.method, run.spec.dataset, created]
    facts += [f"step {status.step:,} of {status.steps:,}"] if status.steps else []
    facts += [queue.position(run, when=False)] if status.state == "queued" else []
    return " · ".join(fact for fact in [*facts, messages.amount(run.disk_bytes())] if fact)


def _change(run: runs.Run) -> None:
    if ownership.mine(run):
        _rename(run)
    else:
        st.markdown(FOREIGN)
    sure = st.checkbox("Delete it for good, with its weights and results", key=f"sure-{run.id}")
    actions.button("Delete", runs.delete, run.id, icon=":material/delete:", disabled=not sure, key=f"delete-{run.id}")


def _rename(run: runs.Run) -> None:
    key, field = f"rename-{run.id}", f"title-{run.id}"

    def rename() -> None:
        runs.rename(run.id, st.session_state[field])

    with st.form(key, border=False):
        st.text_input("Title", run.title, max_chars=80, key=field)
        st.form_submit_button("Rename", on_click=actions.perform, args=(key, rename))
    actions.failure(key)


def stop(run: runs.Run) -> None:
    """The button that stops a run; what another browser has started is not stopped by one click."""
    stopping = run.stop_requested()
    words, act = "Stopping" if stopping else "Stop", {"icon": STOP, "disabled": stopping, "key": f"stop-{run.id}"}
    if ownership.mine(run) or stopping:
        st.button(words, on_click=engine.request_stop, args=(run.id,), **act)
        return
    with st.popover(words, icon=STOP, key=f"foreign-{run.id}"):
        st.markdown(FOREIGN)
        st.button("Stop it all the same", on_click=engine.request_stop, args=(run.id,), **act)


def machine(facts: Mapping[str, object]) -> None:
    """What this machine has to offer."""
    device = "processor" if facts["device"] == "cpu" else facts["device"]
    rows = {
        "Device": device,
        "Cores": facts["cores"],
        "Memory": f"{facts['memory']} GiB",
        "Free disk": f"{facts['disk_free']} GiB",
    }
    rows |= {"torch": facts.get("torch", "not installed"), "Python": facts["python"]}
    messages.facts(rows)
