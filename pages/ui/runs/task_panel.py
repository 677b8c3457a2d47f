"""Analyses of a model that have no page of their own: one to choose, its form, and what comes of it.

Which ones there are, what can be set and what they make is read from the registry of tasks: a new file is a new choice.
"""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from explorer import runs
from explorer.data import DataSet
from explorer.evaluation import balance
from explorer.evaluation.probes import PROBES
from explorer.runs import Run
from explorer.tasks import request
from explorer.tasks.task import TASKS, Task, rounded
from pages.ui.kit import actions, forms, messages, url_state
from pages.ui.runs import class_balance, download, job_progress, model_cache, ownership, run_list

KEY = "task"  # the analysis in the address; its form is `task.NAME`, and its options stand there as `task.NAME.OPTION`
HEIGHT = 150  # pixels of the box that shows how far a job is


def analyses() -> dict[str, Task]:
    """The tasks about one model that no page offers by itself."""
    return {name: task for name, task in TASKS.items() if task.page is None and task.models[0] <= 1 <= task.models[1]}


def draw(ref: str, dataset: DataSet) -> None:
    """The analyses of this model on this data set, folded until somebody, or the address, asks for one."""
    offered = analyses()
    if not offered:
        return
    asked = any(key.partition(".")[0] == KEY for key in url_state.names())
    opened = st.session_state["_analyses"] = asked or st.session_state.get("_analyses", False)
    with st.expander("More analyses", icon=":material/query_stats:", expanded=opened), messages.guard():
        labels = _labels(offered)
        name = url_state.choice(st.selectbox, "Analysis", list(offered), key=KEY, format_func=labels.get)
        messages.caption(messages.plain(messages.sentence(offered[name].summary())))
        _analysis(offered[name], ref, dataset)


def _labels(offered: dict[str, Task]) -> dict[str, str]:
    """What each analysis is called, no two alike: a select box tells its options apart by what they show."""
    alike = Counter(task.label for task in offered.values())
    return {name: f"{task.label} ({name})" if alike[task.label] > 1 else task.label for name, task in offered.items()}


def _analysis(task: Task, ref: str, dataset: DataSet) -> None:
    """The form, and below it what these values make: a button, the job's progress, or its result."""
    form, on = f"{KEY}.{task.name}", dataset.name if task.takes_data else ""
    options = forms.hyperparameters(task.Config, form, columns=1) if task.Config.model_fields else {}
    run = ownership.find(runs.address(request.request(task.name, ref, on, **options)))
    if run is None or run.status.state == "stopped" or not run.sound():
        style = {"icon": ":material/play_arrow:", "width": "stretch", "key": f"start-{form}"}
        actions.button("Start", _start, task.name, ref, on, tuple(options), **style)
    elif run.status.state == "done":
        _result(task, run, dataset)
    else:
        job_progress.wait(run, HEIGHT)
        if not run.status.final:
            run_list.stop(run)


def _start(name: str, ref: str, dataset: str, fields: Sequence[str]) -> None:
    """Submit the analysis with the options as the form says them at the click."""
    spec = request.request(name, ref, dataset, **forms.current(f"{KEY}.{name}", fields))
    ownership.submit(spec)


def _result(task: Task, run: Run, dataset: DataSet) -> None:
    """The numbers of an analysis as a table and the file that it made, or a sentence where there is neither."""
    lines, answer = task.report(run)
    numbers = {name: value for name, value in answer.items() if type(value) in (int, float)}
    if balance.is_imbalanced(answer):
        balanced = answer["balanced_accuracy"].items()
        numbers |= {f"{_heading(name)}, balanced accuracy": value for name, value in balanced}
    if numbers:
        messages.facts({_heading(name): rounded(value) for name, value in numbers.items()})
    titles = {name: _heading(name) for name in answer.get("balanced_accuracy", {})}
    class_balance.table(answer, titles, f"recalls-{run.id}")
    class_balance.notes(answer)
    if task.download:
        download.link(run, task.label)
    if not numbers and not task.download:
        st.markdown(messages.plain(messages.sentence(lines[0] if lines else f"{task.label} is done")))
    messages.provenance(
        data=dataset.title, model=model_cache.title(str(run.spec.model), dataset.name), date=run.status.finished
    )


def _heading(name: str) -> str:
    """What a number is called: a probe by its title, any other by its name."""
    if name == "knn_chance":
        return "kNN accuracy at chance"
    if name == "majority_share":
        return f"accuracy of {class_balance.MAJORITY}"
    return PROBES[name].title if name in PROBES else name.replace("_", " ")
