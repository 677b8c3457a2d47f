"""What a class does in a lesson: kept, pooled, exported, and cleared without touching another lesson."""

import csv
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from explorer import people, runs
from explorer.lessons import classroom, starts
from explorer.runs import Busy, Spec
from tests.lessons.lesson_cases import GOOD, checked

ONE, TWO = "one", "two"  # lessons


def run_of(lesson, user="anna", state="done", **more):
    spec = Spec(kind="train", title="a run", dataset="digits", method="autoencoder", user=user, lesson=lesson, **more)
    run = runs.create(spec)
    if state != "queued":
        run.update(state="running")
        run.append({"step": 1, "knn": 0.5})
        run.write_scores({"knn": 0.5, "linear": 0.6, "n_test": 10})
    if state == "done":
        run.update(state="done")
    return run


def test_the_first_guess_counts_and_all_are_pooled():
    for person, guess in (("anna", "A"), ("ben", "B"), ("cleo", "A"), ("anna", "B")):
        classroom.guess(ONE, person, 2, guess)
    classroom.guess(TWO, "dan", 2, "A")
    assert classroom.tally(ONE, 2, ("A", "B", "C")) == {"A": ["anna", "cleo"], "B": ["ben"], "C": []}
    assert classroom.record(ONE, "anna").guesses == {2: "A"}
    assert classroom.tally(ONE, 2, ("other",)) == {"other": []}  # the question was changed since


def test_guesses_runs_and_progress_are_kept_together():
    classroom.guess(ONE, "anna", 1, "A")
    run = run_of(ONE)
    classroom.started(ONE, "anna", 2, run.id)
    classroom.reached(ONE, "anna", 3, last=False)
    record = classroom.record(ONE, "anna")
    assert (record.guesses, record.runs, record.reached, record.done) == ({1: "A"}, {2: run.id}, 3, False)
    assert classroom.reached(ONE, "anna", 3, last=True).done
    assert classroom.reached(ONE, "anna", 1, last=False).reached == 3
    assert classroom.runs_of_step(ONE, 2) == {"anna": run}
    classroom.restart(ONE, "anna")
    again = classroom.record(ONE, "anna")
    assert (again.guesses, again.runs, again.reached, again.done) == ({}, {}, 1, False)
    assert runs.find(run.id)


def test_the_class_keeps_the_guess_that_was_made_before_the_reveal_was_seen():
    classroom.guess(ONE, "anna", 2, "A")
    classroom.restart(ONE, "anna")
    assert classroom.tally(ONE, 2, ("A", "B")) == {"A": ["anna"], "B": []}
    classroom.guess(ONE, "anna", 2, "B")
    assert classroom.record(ONE, "anna").guesses == {2: "B"}, "her own page shows the new one"
    assert classroom.tally(ONE, 2, ("A", "B")) == {"A": ["anna"], "B": []}
    assert [row["guess"] for row in classroom.table(ONE)] == ["A"]
    assert classroom.count(ONE).guesses == 1


def test_whoever_has_done_nothing_leaves_nothing_behind():
    classroom.reached(ONE, "anna", 2, last=False)
    classroom.restart(ONE, "anna")
    assert classroom.everyone(ONE) == []


@pytest.mark.parametrize("content", ["{", "[]", "null", "3", '{"guesses": 3}'])
def test_a_damaged_record_is_an_empty_one(content):
    classroom.guess(ONE, "anna", 1, "A")
    (path,) = (runs.root() / ".people/lessons/one").glob("anna.json")
    path.write_text(content)
    assert classroom.record(ONE, "anna").guesses == {}
    assert classroom.count(ONE) == (1, 0, 0, 0, 0)


@pytest.mark.parametrize("name", [".1-2-x.json", "anna copy.json"])
def test_a_stray_file_is_nobody_s_record(name):
    classroom.guess(ONE, "anna", 1, "A")
    folder = runs.root() / ".people/lessons/one"
    (folder / name).write_bytes((folder / "anna.json").read_bytes())
    assert [each.person for each in classroom.everyone(ONE)] == ["anna"]


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden"])
def test_no_name_leads_out_of_the_folder(name):
    with pytest.raises(ValueError, match="not an id"):
        classroom.everyone(name)
    with pytest.raises(ValueError, match=r"not an id|not the id|no cookies"):
        classroom.guess(ONE, name, 1, "A")


def test_the_export_holds_everyone_and_no_formula():
    people.rename("anna", "Anna")
    classroom.guess(ONE, "anna", 2, "=1+1")
    run = run_of(ONE)
    classroom.started(ONE, "anna", 2, run.id)
    other = run_of(ONE, user="")  # of the command line
    foreign = run_of(TWO)
    rows = list(csv.DictReader(io.StringIO(classroom.as_csv(ONE))))
    assert [(row["nickname"], row["guess"], row["run"], row["knn"]) for row in rows] == [
        ("Anna", "'=1+1", run.id, "0.5"),
        ("command line", "", other.id, "0.5"),
    ]
    names = zipfile.ZipFile(io.BytesIO(classroom.as_zip(ONE))).namelist()
    assert f"{run.id}/metrics.jsonl" in names and f"{run.id}/scores.json" in names and "one.csv" in names
    assert not any(foreign.id in name for name in names)


def test_clearing_deletes_the_guesses_and_runs_of_its_lesson_alone():
    mine, others, nobodys = run_of(ONE), run_of(TWO), run_of("")
    waiting = run_of(ONE, state="queued")
    classroom.guess(ONE, "anna", 1, "A")
    classroom.guess(ONE, "ben", 1, "B")
    classroom.guess(TWO, "anna", 1, "A")
    assert classroom.count(ONE) == (2, 2, 2, 0, 0)
    assert classroom.clear(ONE) == (2, 2, 2, 0, 0)
    assert [runs.find(run.id) for run in (mine, waiting)] == [None, None]
    assert runs.find(others.id) and runs.find(nobodys.id)
    assert (classroom.count(ONE), classroom.count(TWO)) == ((0, 0, 0, 0, 0), (1, 1, 1, 0, 0))
    assert people.get("anna").code  # who somebody is outlasts the class


def test_a_run_that_is_worked_on_or_needed_by_another_lesson_stays():
    busy, needed = run_of(ONE, state="running"), run_of(ONE)
    about = Spec(kind="transfer", title="t", dataset="digits", models=(needed.id,), user="ben", lesson=TWO)
    about = runs.create(about)
    with busy.lock():
        assert classroom.clear(ONE)[2:4] == (0, 2)
    assert busy.stop_requested()
    assert runs.find(needed.id) and runs.find(about.id)
    runs.delete(about.id)
    assert classroom.clear(ONE)[2:4] == (2, 0)


def test_what_was_made_of_a_run_outside_of_lessons_is_counted_and_goes_with_it():
    run = run_of(ONE)
    about = Spec(kind="transfer", title="t", dataset="digits", models=(run.id,), user="anna")
    about = runs.create(about)
    assert classroom.count(ONE) == (0, 0, 1, 0, 1)
    assert classroom.clear(ONE) == (0, 0, 1, 0, 1)
    assert [runs.find(each.id) for each in (run, about)] == [None, None]


@pytest.mark.parametrize("lesson", ["", ONE, TWO])
def test_what_is_made_of_a_run_while_it_is_deleted_goes_with_it(lesson, monkeypatch):
    run, delete, others = run_of(ONE), classroom._delete, run_of(TWO)

    def meanwhile(run, every):
        for model in (run.id, others.id):
            runs.create(Spec(kind="map", title="m", dataset="digits", models=(model,), lesson=lesson))
        delete(run, every)

    monkeypatch.setattr(classroom, "_delete", meanwhile)
    assert classroom.clear(ONE) == (0, 0, 1, 0, int(not lesson))
    assert runs.find(run.id) is None and runs.find(others.id)
    left = [each.spec.models for each in runs.listing(kind="map", shipped=False)]
    assert left == [(others.id,)], "its own map is gone, and that of another run stays"


def test_a_guess_waits_while_the_lesson_is_cleared_and_breaks_nothing():
    classroom.guess(ONE, "anna", 1, "A")
    with ThreadPoolExecutor(4) as pool:
        guesses = [pool.submit(classroom.guess, ONE, f"p{i % 9}", i, "A") for i in range(150)]
        while not all(each.done() for each in guesses):
            classroom.clear(ONE)
    assert [each.exception() for each in guesses if each.exception()] == []
    classroom.guess(ONE, "ben", 1, "B")
    assert classroom.record(ONE, "ben").guesses == {1: "B"}


def test_a_record_that_vanishes_while_the_lesson_is_cleared_keeps_none_of_the_others(monkeypatch):
    """A teacher may delete files by hand, and an older process restarts without the lock."""
    for person in ("anna", "ben", "cleo"):
        classroom.guess(ONE, person, 1, "A")
    vanishing, unlink = [*(runs.root() / ".people/lessons/one").glob("*.json")][-1:], Path.unlink

    def one_vanishes(path, missing_ok=False):
        for gone in vanishing:
            unlink(gone, missing_ok=True)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", one_vanishes)
    assert classroom.clear(ONE).people == 3
    assert classroom.everyone(ONE) == []


def test_a_guess_of_another_tab_that_comes_just_before_a_new_start_counts(monkeypatch):
    classroom.guess(ONE, "anna", 2, "A")
    writing = classroom._writing

    def after_another_tab(lesson):
        monkeypatch.setattr(classroom, "_writing", writing)
        classroom.guess(ONE, "anna", 3, "B")
        return writing(lesson)

    monkeypatch.setattr(classroom, "_writing", after_another_tab)
    classroom.restart(ONE, "anna")
    assert classroom.record(ONE, "anna").counted == {2: "A", 3: "B"}


def test_starting_again_waits_while_somebody_else_writes(monkeypatch):
    monkeypatch.setattr(classroom, "WAIT", 0.05)
    classroom.reached(ONE, "anna", 2, last=False)
    with classroom._writing(ONE), pytest.raises(Busy, match="the lesson 'one' is in use by another process; wait"):
        classroom.restart(ONE, "anna")
    assert classroom.record(ONE, "anna").reached == 2


def test_a_run_that_is_started_says_from_which_lesson_and_has_the_person_s_own_seed():
    start = checked(GOOD).steps[2].start
    specs = [starts.spec(start, {}, user, ONE) for user in ("anna", "ben", "anna")]
    assert {spec.lesson for spec in specs} == {ONE}
    assert specs[0].seed == specs[2].seed != specs[1].seed
    assert (specs[0].hyperparameters["latent"], specs[0].train["lr"], specs[0].train["epochs"]) == (4, 0.001, 2)
    assert starts.spec(start, {"latent": 7, "seed": 3}, "anna", ONE).hyperparameters["latent"] == 7
    assert starts.spec(start, {"latent": 7, "seed": 3}, "anna", ONE).seed == 3


def test_a_lesson_s_name_is_no_part_of_what_a_result_is():
    spec = Spec(kind="map", title="m", dataset="digits", models=("pixels",), params={"how": "pca"})
    assert runs.address(spec) == runs.address(spec.model_copy(update={"lesson": ONE}))
