"""A verdict on what was written down of a training, and the panel that says it."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.evaluation import health
from explorer.tasks import requests
from pages.ui.runs import curves

# ----------------------------------------------------------------------------------------------- verdict


def rows_of(losses, knns, chance=None, floor=None, **last):
    """Rows as a training writes them: a look every 10 steps, `last` in the last of them."""
    rows = [{"step": 0, "chance": chance, "floor": floor}]
    for i, knn in enumerate(knns):
        loss = {} if not i else {"train_loss": losses[min(i, len(losses)) - 1]}
        rows.append({"step": 10 * i, "epoch": i, "knn": knn, "watched": 400, "spread": 0.5, **loss})
    rows[-1] |= last
    return rows


@pytest.mark.parametrize(
    ("word", "rows"),
    [
        ("learning", rows_of([5, 4.6], [0.80, 0.7, 0.8, 0.85, 0.9], chance=5.5)),
        ("nothing yet", rows_of([5, 4.6], [0.80, 0.7, 0.8, 0.83], chance=5.5)),  # within the error
        ("nothing yet", rows_of([5.5], [0.80, 0.7, 0.7, 0.7, 0.7, 0.7], chance=5.5)),
        ("nothing yet", rows_of([5, 4], [0.80, 0.9, 0.95], chance=5.5)),  # too early
        ("shortcut", rows_of([4, 2], [0.80, 0.7, 0.7, 0.7, 0.7, 0.7], chance=5.5)),
        ("nothing yet", rows_of([4, 2], [0.80, 0.5, 0.5, 0.5, 0.6, 0.7], chance=5.5)),  # it recovers
        ("shortcut", rows_of([1, 0.01], [0.80, 0.8, 0.8, 0.8], chance=1.39)),
        ("nothing yet", rows_of([0.5, 0.4], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6], chance=0.69, floor=0.2)),
        ("shortcut", rows_of([0.5, 0.25], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6], chance=0.69, floor=0.2)),
        ("nothing yet", rows_of([2, 1.5], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])),  # no chance line
        ("shortcut", rows_of([2, 0.01], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])),
        ("collapsed", rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], project_spread=0.08)),
        ("collapsed", rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], spread=0.02)),
        ("learning", rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], spread=0.1)),
        ("nothing yet", rows_of([5.5], [0.80, 0.8, 0.8, 0.8], chance=5.5, project_spread=0.01)),
        ("collapsed", rows_of([5.5], [0.8] * 22, chance=5.5, project_spread=0.01)),
        ("nothing yet", rows_of([-2, -9], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])),  # an energy has no way down
        ("fitted", [{"step": s, "solved": not s, "knn": 0.5 + s / 4, "watched": 400} for s in (0, 1)]),
        ("nothing yet", [{"step": s, "epoch": s, "knn": 0.5, "watched": 400, "train_loss": 2} for s in (0, 1)]),
    ],
)
def test_a_verdict_follows_from_what_was_written_down(word, rows):
    found = health.verdict(rows)
    assert found.word == word, found
    assert found.reason.endswith(".")


def test_what_was_never_measured_has_no_verdict():
    assert health.verdict([]) is None
    assert health.verdict([{"step": 0, "knn": 0.5, "spread": 0.01}]) is None


# ------------------------------------------------------------------------------------------------- panel


def shown(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import health

    run = runs.find(id)
    health.panel(run, run.metrics())


def run_with(rows, state="done"):
    run = runs.create(requests.train("simclr", "digits", {}, {}))
    for row in rows:
        run.append(row)
    run.update(state=state)
    return run


def seen(run):
    at = AppTest.from_function(shown, args=(run.id,)).run(timeout=60)
    assert not at.exception
    return at, " ".join(part.value for part in [*at.markdown, *at.caption])


def test_the_panel_says_the_verdict_in_a_word_with_its_reason():
    meters = dict.fromkeys(health.METERS, 0.5) | {"project_spread": 0.01}
    at, said = seen(run_with(rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], **meters)))
    assert "Collapsed" in said
    assert "nearly one point" in said
    assert "only to watch" in said
    assert all(title in said for title in ("Effective rank", "Spread", "Alignment and uniformity"))
    assert len(at.get("plotly_chart")) == 3


@pytest.mark.parametrize(("state", "word"), [("running", "Learning"), ("done", "Learned")])
def test_who_is_done_has_learned(state, word):
    assert word in seen(run_with(rows_of([5, 4.6], [0.80, 0.7, 0.8, 0.85, 0.9], chance=5.5), state))[1]


def test_a_run_of_an_older_version_says_that_its_health_was_not_measured():
    at, said = seen(run_with([{"step": 0, "knn": 0.5, "spread": 0.01}]))
    assert "made before health was measured" in said
    assert not at.get("plotly_chart")


def test_before_the_first_look_there_is_no_panel():
    at, said = seen(run_with([], "running"))
    assert not said
    assert not at.get("plotly_chart")


def test_what_the_panel_shows_is_not_shown_again_below():
    rows = [{"step": 0, "watched": 9, "knn": 0.5, "active dimensions": 4, **dict.fromkeys(health.METERS, 1.0)}]
    assert curves.others(rows) == ["active dimensions"]


def test_neighbours_that_name_fewer_than_before_are_said_to():
    said = health.verdict(rows_of([2, 1.5], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])).reason
    assert said.endswith("points): clearly fewer than before the first step.")


@pytest.mark.parametrize("scores", [None, {"knn": 0.1, "n_test": 100, "references": {}}])
def test_overfitting_is_not_spoken_of_in_a_run_that_has_collapsed(scores):
    rows = rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9, 0.9], project_spread=0.08)
    rows[1]["loss"] = 2.0
    for row, loss in zip(rows[1:], (1, 1, 2, 3, 3), strict=True):
        row["val_loss"] = loss
    said = curves.summary(runs.Status(state="done", step=40), rows, scores)
    assert "It has collapsed" in said and "overfits" not in said
    well = [*rows[:-1], {**rows[-1], "project_spread": 0.8}]
    assert "overfits" in curves.summary(runs.Status(state="done", step=40), well, scores)


def test_a_method_that_is_done_in_one_step_was_not_stopped():
    rows, scores = [{"step": 1, "train_loss": 0.5}], {"knn": 0.9, "n_test": 100, "references": {}}
    assert "stopped before its first steps" in curves.summary(runs.Status(state="stopped"), [], None)
    assert curves.summary(runs.Status(state="done", step=1), rows, None) == "It was done in one step."
    assert "90.0%" in curves.summary(runs.Status(state="done", step=1), rows, scores)
