"""The runs of this browser and of others: state, rename, stop, delete; and the machine they run on."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from explorer import runs
from explorer.evaluation import balance, statistics
from explorer.moments import moment
from pages.ui.kit import actions, messages, url_state
from pages.ui.runs import class_balance, ownership, queue, run_labels

SHOWN = 8
STOP = ":material/stop_circle:"
FOREIGN = "{} started this run."
MAY = "may stop or delete it: open a lesson, then the teacher's view."
AGAINST = {"Untrained": "untrained", "Raw pixels": "raw pixels"}  # a baseline of the scores: its name in a sentence
BADGES = {  # state: (colour, icon)
    "queued": ("gray", "schedule"),
    "running": ("blue", "play_arrow"),
    "interrupted": ("orange", "pause"),
    "done": ("green", "check"),
    "stopped": ("gray", "stop"),
    "failed": ("red", "error"),
}


def show(trainings: list[runs.Run], empty: bool = True) -> None:
    """The runs of this visitor, the queue, those of others and of the command line, folded; `empty`: say so if none is.

    The queue comes and goes by itself: it stands below what is clicked most.
    """
    mine = [run for run in trainings if ownership.mine(run)]
    if mine or empty:
        messages.heading("My runs")
        _rows(mine, "all-runs")
    with messages.guard():
        queue.show()
    rest = [run for run in trainings if not ownership.mine(run)]
    others = [run for run in rest if not ownership.of_command_line(run)]
    _folded("Runs of other users on this machine", others, "others")
    _folded("Runs of the command line", [run for run in rest if ownership.of_command_line(run)], "command-line")


def _folded(title: str, some: list[runs.Run], key: str) -> None:
    if not some:
        return
    fold = st.expander(f"{title} ({len(some)})", on_change="rerun", key=key)
    if fold.open:
        with fold:
            _rows(some, f"all-{key}")


def summary(trainings: list[runs.Run]) -> str:
    """How many trainings there are, whose, and how many go on, in a sentence of Markdown."""
    mine = [run for run in trainings if not run.shipped and ownership.mine(run)]
    rest = [run for run in trainings if not run.shipped and not ownership.mine(run)]
    of_command_line = sum(map(ownership.of_command_line, rest))
    live = sum(not run.status.final for run in trainings)
    own = f"{len(mine)} {'run' if len(mine) == 1 else 'runs'} of yours"
    others = (
        f"{len(rest) - of_command_line} of other users on this machine"
        + f", {of_command_line} of the command line" * bool(of_command_line)
    )
    return f"**{own}**, {others}; {live} queued or running."


def shipped(trainings: list[runs.Run]) -> None:
    """The models that come with the project: each a link, with its data and its score."""
    with st.grid(3, min_column_width=260, gap="small"):
        for run in trainings:
            with st.container(border=True, gap=None, key=f"shipped-{run.id}"):
                url_state.link("runs", messages.plain(run.title), run=run.id)
                messages.caption(messages.plain(" · ".join(filter(None, [run.spec.dataset, worth(run)]))))


def _rows(some: list[runs.Run], key: str) -> None:
    """The runs as rows; those beyond the first few on demand."""
    if not some:
        messages.empty("No runs yet", "Your runs will be listed here.", "new", "New training", "play_circle")
        return
    rows, titles = run_labels.sweeps(some), run_labels.titles(some)
    everything = len(rows) <= SHOWN or st.session_state.get(key, False)
    for members in rows if everything else rows[:SHOWN]:
        if len(members) > 1:
            _sweep(members)
        else:
            _row(members[0], title=titles[members[0].id])
    if len(rows) > SHOWN:
        st.toggle(f"Show all {len(some)} runs", key=key)
    size = sum(run.disk_bytes() for run in some)
    st.caption(f"{len(some)} {'run' if len(some) == 1 else 'runs'}, {messages.amount(size)} on disk")


def _sweep(members: list[runs.Run]) -> None:
    """Runs that were submitted together, as a sweep: one row, which opens to them."""
    first = members[-1]  # the oldest
    states = Counter(run.status.state for run in members)
    title = messages.plain(first.title.rpartition(", ")[0] or first.title)
    counted = ", ".join(f"{states[state]} {state}" for state in BADGES if states[state])
    varied = messages.plain(run_labels.hyperparameters(members))
    label = f"**{title}** · {len(members)} trainings, varying {varied} · {counted}"
    fold = st.expander(label, on_change="rerun", key=f"fold-{first.spec.group}")
    if fold.open:
        with fold:
            for run, label in zip(members, run_labels.labels(members), strict=True):
                _row(run, label)


def badge(state: str) -> None:
    """A run's state as a badge."""
    colour, icon = BADGES[state]
    st.badge(state, color=colour, icon=f":material/{icon}:")


def _row(run: runs.Run, label: str = "", title: str = "") -> None:
    status, whose = run.status, "" if ownership.mine(run) else ownership.whose(run)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"run-{run.id}"):
        with st.container(gap=None):
            st.markdown(f"**{messages.plain(title or run.title)}**")
            st.caption(messages.plain(" · ".join(filter(None, [label, whose, _facts(run, status)]))))
        badge(status.state)
        url_state.link("runs", "Open", "open_in_new", run=run.id)
        more = {"icon": ":material/more_vert:", "type": "tertiary", "key": f"more-{run.id}"}
        with st.popover("More", help=_offer(run), **more):
            _change(run)


def _facts(run: runs.Run, status: runs.Status) -> str:
    if status.error:
        return status.error
    created = moment(run.created)
    facts = [run.spec.method, run.spec.dataset, created]
    facts += [f"lesson {run.spec.lesson}"] if run.spec.lesson else []
    facts += [f"step {status.step:,} of {status.steps:,}"] if status.steps else []
    facts += [queue.position(run, when=False)] if status.state == "queued" else []
    facts += [worth(run)] if status.final else []
    return " · ".join(fact for fact in [*facts, messages.amount(run.disk_bytes())] if fact)


def worth(run: runs.Run) -> str:
    """The kNN accuracy of a run beside that of no training and of raw pixels; empty until it was measured."""
    scores = run.scores() or {}
    if "knn" not in scores:
        return ""
    references = scores.get("references", {})
    own = {"kNN accuracy": scores}
    if balance.is_imbalanced(scores):
        own[class_balance.MAJORITY] = {"knn": scores["majority_share"]}
    levels = {**own, **{words: references.get(key, {}) for key, words in AGAINST.items()}}
    n = scores["n_test"]
    return ", ".join(f"{name} {statistics.percent(it['knn'], n)}" for name, it in levels.items() if "knn" in it)


def _offer(run: runs.Run) -> str:
    """What `_change` offers, in a few words."""
    if ownership.mine(run):
        return "Rename or delete"
    return "Delete" if ownership.may_change(run) else "Who may delete it"


def _change(run: runs.Run) -> None:
    if ownership.mine(run):
        _rename(run)
    else:
        st.markdown(_foreign(run))
    if not ownership.may_change(run):
        st.caption(_who_may(run))
        return
    sure = st.checkbox("Delete it permanently, with its weights and results", key=f"sure-{run.id}")
    actions.button("Delete", runs.delete, run.id, icon=":material/delete:", disabled=not sure, key=f"delete-{run.id}")


def _rename(run: runs.Run) -> None:
    key, field = f"rename-{run.id}", f"title-{run.id}"

    def rename() -> None:
        runs.rename(run.id, st.session_state[field])

    with st.form(key, border=False):
        st.text_input("Title", run.title, max_chars=80, key=field)
        st.form_submit_button("Rename", on_click=actions.perform, args=(key, rename))
    actions.failure(key)


def _foreign(run: runs.Run) -> str:
    """Who has started a run that is not this visitor's."""
    whose = ownership.whose(run)
    return FOREIGN.format("The command line" if ownership.of_command_line(run) else messages.plain(whose))


def _who_may(run: runs.Run) -> str:
    """Who may change a run that is not this visitor's to change."""
    return f"Only {'' if ownership.of_command_line(run) else 'they or '}the teacher {MAY}"


def stop(run: runs.Run, name: str = "") -> None:
    """The button that stops a run; what another person has started is not stopped by one click.

    Where several stand on a page, each has the `name` of what it stops.
    """
    stopping = run.stop_requested()
    words = f"{'Stopping' if stopping else 'Stop'} {name}".rstrip()
    act = {"icon": STOP, "disabled": stopping, "key": f"stop-{run.id}"}
    if ownership.mine(run) or stopping:
        actions.button(words, ownership.stop, run.id, **act)
        return
    with st.popover(words, icon=STOP, key=f"foreign-{run.id}"):
        st.markdown(_foreign(run))
        if not ownership.may_change(run):
            st.caption(_who_may(run))
            return
        actions.button("Stop it anyway", ownership.stop, run.id, **act)


def machine(facts: Mapping[str, object]) -> None:
    """The resources of this machine."""
    device = "processor" if facts["device"] == "cpu" else facts["device"]
    rows = {
        "Device": device,
        "Cores": facts["cores"],
        "Memory": f"{facts['memory']} GiB",
        "Free disk": f"{facts['disk_free']} GiB",
    }
    rows |= {"torch": facts.get("torch", "not installed"), "Python": facts["python"]}
    messages.facts(rows)
