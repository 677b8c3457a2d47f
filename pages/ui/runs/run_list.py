"""The runs of this browser and of others: state, rename, stop, delete; and the machine they run on."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from explorer import engine, runs
from pages.ui.kit import identity, messages, url_state
from pages.ui.runs import queue, run_labels

SHOWN = 8
STOP = ":material/stop_circle:"
FOREIGN = "Another browser started this run."
LOOKS = {  # state: (colour, icon)
    "queued": ("gray", "schedule"),
    "running": ("blue", "play_arrow"),
    "interrupted": ("orange", "pause"),
    "done": ("green", "check"),
    "stopped": ("gray", "stop"),
    "failed": ("red", "error"),
}


def shelf(found: list[runs.Run], empty: bool = True) -> None:
    """The runs of this browser, then those of others, folded; `empty` says what stands where none is."""
    mine = [run for run in found if identity.mine(run)]
    if mine or empty:
        st.subheader("My runs", anchor=False)
        _rows(mine, "all-runs")
    if others := [run for run in found if not identity.mine(run)]:
        fold = st.expander(f"Runs of others on this machine ({len(others)})", on_change="rerun", key="others")
        if fold.open:
            with fold:
                _rows(others, "all-others")


def _rows(some: list[runs.Run], key: str) -> None:
    """The runs as rows; those beyond the first few on demand."""
    if not some:
        text = "Your runs will stand here. Pick a card above, or fill in the form yourself."
        messages.empty("Nothing trained yet", text, "train", "Train", "play_circle")
        return
    rows, alike = run_labels.sets(some), run_labels.namesakes(some)
    everything = len(rows) <= SHOWN or st.session_state.get(key, False)
    for members in rows if everything else rows[:SHOWN]:
        if len(members) > 1:
            _set(members)
        else:
            _row(members[0], alike.get(members[0].id, ""))
    if len(rows) > SHOWN:
        st.toggle(f"Show all {len(some)} runs", key=key)
    taken = sum(run.disk_bytes() for run in some)
    st.caption(f"{len(some)} {'run' if len(some) == 1 else 'runs'}, {messages.amount(taken)} on disk in {runs.root()}")


def _set(members: list[runs.Run]) -> None:
    """Runs that were ordered together: one row, which opens to them."""
    first = members[-1]  # the oldest
    states = Counter(run.status.state for run in members)
    title = messages.plain(first.title.rpartition(", ")[0] or first.title)
    counted = ", ".join(f"{states[state]} {state}" for state in LOOKS if states[state])
    label = (
        f"**{title}** · {len(members)} trainings over {messages.plain(run_labels.hyperparameters(members))} · {counted}"
    )
    fold = st.expander(label, on_change="rerun", key=f"fold-{first.spec.group}")
    if fold.open:
        with fold:
            for run, said in zip(members, run_labels.labels(members), strict=True):
                _row(run, said)


def badge(state: str) -> None:
    """A run's state as a badge."""
    colour, icon = LOOKS[state]
    st.badge(state, color=colour, icon=f":material/{icon}:")


def _row(run: runs.Run, apart_by: str = "") -> None:
    status = run.status
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"run-{run.id}"):
        with st.container(gap=None):
            st.markdown(f"**{messages.plain(run.title)}**")
            st.caption(messages.plain(" · ".join(filter(None, [apart_by, _facts(run, status)]))))
        badge(status.state)
        url_state.link("train", "Open", "open_in_new", run=run.id)
        more = {"icon": ":material/more_vert:", "type": "tertiary", "key": f"more-{run.id}"}
        with st.popover("", help="Rename or delete" if identity.mine(run) else "Delete", **more):
            _change(run)


def _facts(run: runs.Run, status: runs.Status) -> str:
    if status.error:
        return status.error
    made = f"{datetime.fromtimestamp(run.created, UTC).astimezone():%d %b, %H:%M}"
    facts = [run.spec.method, run.spec.dataset, made]
    facts += [f"step {status.step:,} of {status.steps:,}"] if status.steps else []
    facts += [queue.place(run, when=False)] if status.state == "queued" else []
    return " · ".join(fact for fact in [*facts, messages.amount(run.disk_bytes())] if fact)


def _change(run: runs.Run) -> None:
    if identity.mine(run):
        _rename(run)
    else:
        st.markdown(FOREIGN)
    sure = st.checkbox("Delete it for good, with its weights and results", key=f"sure-{run.id}")
    if st.button("Delete", icon=":material/delete:", disabled=not sure, key=f"delete-{run.id}"):
        with messages.guard():
            runs.delete(run.id)
            st.rerun()


def _rename(run: runs.Run) -> None:
    with st.form(f"rename-{run.id}", border=False):
        title = st.text_input("Title", run.title, max_chars=80)
        if st.form_submit_button("Rename"):
            with messages.guard():
                runs.rename(run.id, title)
                st.rerun()


def stop(run: runs.Run) -> None:
    """The button that stops a run; what another browser has started is not stopped by one click."""
    stopping = run.stop_requested()
    words, act = "Stopping" if stopping else "Stop", {"icon": STOP, "disabled": stopping, "key": f"stop-{run.id}"}
    if identity.mine(run) or stopping:
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
