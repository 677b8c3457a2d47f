"""The runs of one's own: state, rename, delete; and the machine they run on."""

from collections.abc import Mapping

import streamlit as st

from explorer import jobs, runs
from pages.ui import address, say

SHOWN = 8
TH = {1: "st", 2: "nd", 3: "rd"}
LOOKS = {  # state: (colour, icon)
    "queued": ("gray", "schedule"),
    "running": ("blue", "play_arrow"),
    "interrupted": ("orange", "pause"),
    "done": ("green", "check"),
    "stopped": ("gray", "stop"),
    "failed": ("red", "error"),
}


def shelf(mine: list[runs.Run]) -> None:
    """The runs as rows; those beyond the first few on demand."""
    if not mine:
        text = "Your runs will stand here. Pick a card above, or fill in the form yourself."
        say.empty("Nothing trained yet", text, "train", "Train", "play_circle")
        return
    everything = len(mine) <= SHOWN or st.session_state.get("all-runs", False)
    for run in mine if everything else mine[:SHOWN]:
        _row(run)
    if len(mine) > SHOWN:
        st.toggle(f"Show all {len(mine)} runs", key="all-runs")
    taken = sum(run.disk_bytes() for run in mine)
    st.caption(f"{len(mine)} {'run' if len(mine) == 1 else 'runs'}, {say.amount(taken)} on disk in {runs.root()}")


def badge(state: str) -> None:
    """A run's state as a badge."""
    colour, icon = LOOKS[state]
    st.badge(state, color=colour, icon=f":material/{icon}:")


def place(run: runs.Run) -> str:
    """Where a run stands in its queue: trainings have one, everything else another."""
    line = {it.id: it for it in runs.unfinished() if (it.spec.kind == "train") == (run.spec.kind == "train")}
    waiting = [id for id in jobs.queue() if id in line]
    n = waiting.index(run.id) + 1 if run.id in waiting else 1
    if n == 1 and not any(other.held() for other in line.values()):
        return "the engine is starting"
    return f"{n}{'th' if n % 100 in (11, 12, 13) else TH.get(n % 10, 'th')} in the queue"


def _row(run: runs.Run) -> None:
    status = run.status
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"run-{run.id}"):
        with st.container(gap=None):
            st.markdown(f"**{say.plain(run.title)}**")
            st.caption(say.plain(_facts(run, status)))
        badge(status.state)
        address.link("train", "Open", "open_in_new", run=run.id)
        with st.popover(
            "", icon=":material/more_vert:", help="Rename or delete", type="tertiary", key=f"more-{run.id}"
        ):
            _change(run)


def _facts(run: runs.Run, status: runs.Status) -> str:
    if status.error:
        return status.error
    facts = [run.spec.method, run.spec.dataset, f"step {status.step:,} of {status.steps:,}" if status.steps else ""]
    facts += [place(run)] if status.state == "queued" else []
    return " · ".join(fact for fact in [*facts, say.amount(run.disk_bytes())] if fact)


def _change(run: runs.Run) -> None:
    with st.form(f"rename-{run.id}", border=False):
        title = st.text_input("Title", run.title, max_chars=80)
        if st.form_submit_button("Rename"):
            with say.guard():
                runs.rename(run.id, title)
                st.rerun()
    sure = st.checkbox("Delete it for good, with its weights and results", key=f"sure-{run.id}")
    if st.button("Delete", icon=":material/delete:", disabled=not sure, key=f"delete-{run.id}"):
        with say.guard():
            runs.delete(run.id)
            st.rerun()


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
    say.facts(rows)
