"""What the people of a class did in a lesson: guesses, started runs, how far they came; exported and cleared.

One small JSON file for each person and lesson, beside the runs: `.people/lessons/<lesson>/<person>.json`.
"""

import csv
import io
import json
import time
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from explorer import Refused, foreign_text, people, reading, runs
from explorer.evaluation import arms
from explorer.evaluation.probes import PROBES
from explorer.lessons.sources import dig
from explorer.runs import Busy, Run, atomic, locks

FORMAT = 1
WAIT = 5.0  # seconds for another tab of the same person
NUMBERS = (*PROBES, *(f"{arm}.test_accuracy" for arm in arms.titles()))
FILES = ("spec.json", "status.json", "scores.json", "metrics.jsonl")  # the numbers of a run, without weights


class Record(BaseModel, frozen=True, extra="ignore"):
    """One person in one lesson; steps are counted from 1."""

    format: int = FORMAT
    person: str
    guesses: dict[int, str] = {}  # by step
    first: dict[int, str] = {}  # the guesses before the lesson was started again: those that count in the class
    runs: dict[int, str] = {}  # by step, the run that was started last
    reached: int = 1  # the farthest step
    done: bool = False
    changed: float = 0.0

    @property
    def counted(self) -> dict[int, str]:
        """By step, the guess that was made before its reveal was ever seen."""
        return {**self.guesses, **self.first}


class Cleared(NamedTuple):
    """How much a clearing deletes, or has deleted."""

    people: int
    guesses: int
    runs: int
    busy: int = 0  # runs that still go on: they are asked to stop
    about: int = 0  # maps, transfers and scores of these runs that were started outside of lessons


def _folder(lesson: str) -> Path:
    return runs.root() / ".people" / "lessons" / runs.checked_id(lesson)


def _file(lesson: str, person: str) -> Path:
    return _folder(lesson) / f"{runs.checked_id(person)}.json"


def _writing(lesson: str) -> AbstractContextManager[int]:
    """One process and one thread writes at a time; the lock lies outside of what is cleared."""
    folder = _folder(lesson)
    folder.mkdir(parents=True, exist_ok=True)
    return locks.hold(folder.with_name(f".{lesson}.lock"), WAIT, f"the lesson '{lesson}'")


def record(lesson: str, person: str) -> Record:
    """What a person did in a lesson so far; a damaged file is an empty record."""
    if not person:
        return Record(person="")
    with suppress(OSError, ValueError):
        return Record.model_validate({**reading.fields(_file(lesson, person)), "person": person})
    return Record(person=person)


def everyone(lesson: str) -> list[Record]:
    """What everybody did in a lesson; a file whose name is no id is nobody's."""
    files = sorted(_folder(lesson).glob("*.json"))
    return [record(lesson, path.stem) for path in files if runs.ID.fullmatch(path.stem)]


def _change(lesson: str, person: str, change: Callable[[Record], dict[str, Any]]) -> Record:
    people.ensure(person)
    with _writing(lesson):
        before = record(lesson, person)
        after = before.model_copy(update={**change(before), "changed": time.time()})
        _write(lesson, after)
    return after


def _write(lesson: str, after: Record) -> None:
    content = json.dumps(after.model_dump(), ensure_ascii=False, indent=1).encode()
    atomic.replace(_file(lesson, after.person), content)


def guess(lesson: str, person: str, step: int, answer: str) -> Record:
    """Keeps a guess; the first one of a step counts, since the reveal follows."""
    return _change(lesson, person, lambda before: {"guesses": {step: answer, **before.guesses}})


def started(lesson: str, person: str, step: int, run: str) -> Record:
    """Keeps which run a person has started in a step."""
    return _change(lesson, person, lambda before: {"runs": {**before.runs, step: run}})


def reached(lesson: str, person: str, step: int, last: bool) -> Record:
    """Keeps how far a person has come; nothing is written where it is known."""
    before = record(lesson, person)
    if not person or (before.reached >= step and (before.done or not last)):
        return before
    return _change(lesson, person, lambda it: {"reached": max(it.reached, step), "done": it.done or last})


def restart(lesson: str, person: str) -> None:
    """The lesson is at its start for a person; the class keeps the first guesses, and the runs stay."""
    if not person:
        return
    with _writing(lesson):
        if first := record(lesson, person).counted:  # only now: another tab may have guessed
            _write(lesson, Record(person=person, first=first, changed=time.time()))
        else:
            _file(lesson, person).unlink(missing_ok=True)


# --------------------------------------------------------------------------------------------------- the class


def tally(lesson: str, step: int, answers: tuple[str, ...]) -> dict[str, list[str]]:
    """By answer of a step, the persons who have guessed it."""
    pooled: dict[str, list[str]] = {answer: [] for answer in answers}
    for each in everyone(lesson):
        if (answer := each.counted.get(step)) in pooled:
            pooled[answer].append(each.person)
    return pooled


def runs_of(lesson: str) -> list[Run]:
    """All runs that were started from a lesson, newest first."""
    return [run for run in runs.listing(kind=None, shipped=False) if run.spec.lesson == lesson]


def runs_of_step(lesson: str, step: int) -> dict[str, Run]:
    """By person, the run that was started last in a step."""
    there = ((each.person, runs.find(each.runs.get(step, ""))) for each in everyone(lesson))
    return {person: run for person, run in there if run}


def table(lesson: str) -> list[dict[str, Any]]:
    """A row for each person and step of a lesson in which something was guessed or started, and each other run."""
    rows, known = [], set()
    for each in everyone(lesson):
        for step in sorted({*each.counted, *each.runs}) or [each.reached]:
            run = runs.find(each.runs.get(step, ""))
            known |= {run.id} if run else set()
            rows.append(_row(each.person, step, each.counted.get(step, ""), run))
    rows += [_row(run.spec.user, None, "", run) for run in runs_of(lesson) if run.id not in known]
    return rows


def _row(person: str, step: int | None, guess: str, run: Run | None) -> dict[str, Any]:
    scores = (run.scores() or {}) if run else {}
    numbers = {name: value for name in NUMBERS if (value := dig(scores, name)) is not None}
    about = {"run": run.id, "title": run.title, "state": run.status.state, "seed": run.spec.seed} if run else {}
    return {"nickname": people.name(person), "step": step, "guess": guess, **about, **numbers}


def as_csv(lesson: str) -> str:
    """The table as CSV, with every column; a text that a spreadsheet would take for a formula is marked as text."""
    columns = ("nickname", "step", "guess", "run", "title", "state", "seed", *NUMBERS)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    for row in table(lesson):
        writer.writerow({name: foreign_text.cell(value) for name, value in row.items()})
    return out.getvalue()


def as_zip(lesson: str) -> bytes:
    """The numbers of all runs of a lesson, a folder for each, and the table."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{lesson}.csv", as_csv(lesson))
        for run in runs_of(lesson):
            for name in FILES:
                with suppress(OSError):
                    archive.writestr(f"{run.id}/{name}", (run.folder / name).read_bytes())
    return out.getvalue()


# ------------------------------------------------------------------------------------------------ after class


def count(lesson: str) -> Cleared:
    """How much `clear` would delete."""
    records, every = everyone(lesson), runs.listing(kind=None, shipped=False)
    mine = [run for run in every if run.spec.lesson == lesson]
    return Cleared(len(records), _guesses(records), len(mine), about=len(_about(mine, every)))


def clear(lesson: str) -> Cleared:
    """Deletes the guesses and the runs of a lesson, and what was made of these outside of lessons.

    What another lesson needs stays; what still goes on is asked to stop.
    """
    every, busy = runs.listing(kind=None, shipped=False), 0
    mine = [run for run in every if run.spec.lesson == lesson]
    about = _about(mine, every)
    for run in mine:
        try:
            run.request_stop()
            _delete(run, every)
        except Busy:
            busy += 1
    with _writing(lesson):
        records = everyone(lesson)
        for path in _folder(lesson).glob("*.json"):
            path.unlink(missing_ok=True)
    about += [job for job in _delete_orphans(mine) if job not in about]
    gone = sum(runs.find(job.id) is None for job in about)
    return Cleared(len(records), _guesses(records), len(mine) - busy, busy, gone)


def _guesses(records: list[Record]) -> int:
    return sum(len(each.counted) for each in records)


def _about(mine: list[Run], every: list[Run]) -> list[Run]:
    """What was made of these runs outside of lessons."""
    outside = [job for job in every if not job.spec.lesson]
    return [job for job in outside if any(job.spec.looks_at(run.id) for run in mine)]


def _delete(run: Run, every: list[Run]) -> None:
    """Deletes a run and what came out of it, unless another lesson needs that."""
    about = [job for job in every if job.spec.looks_at(run.id)]
    if any(job.spec.lesson not in ("", run.spec.lesson) and runs.find(job.id) for job in about):
        raise Busy(f"'{run.id}' is the model of a run of another lesson: clear that one first")
    if runs.find(run.id):  # it may have gone with the model that it is about
        runs.delete(run.id, about)


def _delete_orphans(mine: list[Run]) -> list[Run]:
    """Deletes what was made of deleted runs since all runs were listed; returns what of it is outside of lessons."""
    deleted, now = [run for run in mine if runs.find(run.id) is None], runs.listing(kind=None, shipped=False)
    orphans = [job for job in now if any(job.spec.looks_at(run.id) for run in deleted)]
    outside = [job for job in orphans if not job.spec.lesson]  # read before they are gone
    for job in orphans:
        with suppress(Refused):  # it is worked on, and asked to stop, or gone by now
            job.request_stop()
            runs.delete(job.id, among=())
    return outside
