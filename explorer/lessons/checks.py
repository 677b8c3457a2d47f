"""What a lesson names must be there: pages, data, models, methods, hyperparameters; and reveals must give the answers.

`cheap` checks need no torch and are made at each reading; `trainings` are checked before a lesson is opened.
"""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from explorer import data
from explorer.errors import Refused, choose
from explorer.evaluation.arms import DEFAULT
from explorer.evaluation.probes import PROBES
from explorer.evaluation.projections import PROJECTIONS
from explorer.lessons import sources, starts
from explorer.lessons.errors import Problem
from explorer.lessons.format import PAGES, CardPicture, Lesson, Step
from explorer.models.reference import ModelRef
from explorer.tasks.evaluate import PLAIN

Place = tuple[str | int, ...]
METHOD_FILES = Path(__file__).resolve().parents[1] / "methods"


def cheap(lesson: Lesson) -> Iterator[Problem]:
    """What can be seen without torch."""
    yield from _names(lesson)
    for i, step in enumerate(lesson.steps):
        here: Place = ("steps", i)
        if step.show:
            yield from _show(step.show, (*here, "show"))
        if step.start:
            yield from _start_names(step.start, (*here, "start"))
        if step.link:
            yield from _tried((*here, "link", "page"), choose, "page", step.link.page, dict.fromkeys(PAGES))
        if step.predict and step.reveal:
            yield from _reveal(step, lesson.steps[: i + 1], here)


def trainings(lesson: Lesson) -> Iterator[Problem]:
    """The hyperparameters of what is started and shown, which need the methods, and so torch."""
    for i, step in enumerate(lesson.steps):
        if step.start:
            yield from _start(step.start, ("steps", i, "start"))
        if step.show and step.show.picture == "views":
            for k, settings in enumerate(step.show.settings):
                place = ("steps", i, "show", "settings", k)
                yield from _each_setting(step.show.method, settings, place)


def _tried(place: Place, act: Callable[..., Any], *args: Any) -> Iterator[Problem]:
    """The refusal of one check, at its place."""
    try:
        act(*args)
    except Refused as refused:
        yield Problem(place, str(refused))


def _names(lesson: Lesson) -> Iterator[Problem]:
    for i, name in enumerate(lesson.needs.data):
        yield from _data(name, ("needs", "data", i))
    for i, ref in enumerate(lesson.needs.models):
        yield from _model(ref, ("needs", "models", i))
    if lesson.picture:
        yield from _card(lesson.picture)


def _card(card: CardPicture) -> Iterator[Problem]:
    wrong = list(_model(card.model, ("picture", "model")))
    if card.map and not wrong:
        wrong = list(_tried(("picture", "map"), choose, "projection", card.map, PROJECTIONS))
    yield from wrong


def _data(name: str, place: Place) -> Iterator[Problem]:
    """A data set must be known; one that is not on this machine yet is offered for download."""
    yield from _tried(place, choose, "data set", name, data.catalogue())


def _model(ref: str, place: Place) -> Iterator[Problem]:
    yield from _tried(place, lambda: ModelRef.parse(ref).check())


def _show(show: Any, place: Place) -> Iterator[Problem]:
    for i, ref in enumerate(getattr(show, "models", ())):
        yield from _model(ref, (*place, "models", i))
    if ref := getattr(show, "model", ""):
        yield from _model(ref, (*place, "model"))
    if show.picture == "study":
        for i, arm in enumerate(show.arms):
            yield from _tried((*place, "arms", i), sources.of_arm, show.study, show.data, arm, show.number)
    elif name := getattr(show, "data", ""):
        yield from _data(name, (*place, "data"))
    if show.picture == "maps":
        for i, how in enumerate(show.how):
            yield from _tried((*place, "how", i), choose, "projection", how, PROJECTIONS)
    if show.picture == "views":
        yield from _method(show.method, (*place, "method"))
    if show.picture == "scores":
        yield from _scores(show, place)


def _scores(show: Any, place: Place) -> Iterator[Problem]:
    for i, ref in enumerate(show.models):
        yield from _tried((*place, "models", i), sources.measured, sources.Source(model=ref, number=show.number))


def _method(name: str, place: Place) -> Iterator[Problem]:
    """A method is a file of its name: whoever only reads a lesson need not import it."""
    files = {path.stem: path for path in METHOD_FILES.glob("[a-z]*.py")}
    yield from _tried(place, choose, "method", name, files)


def _start_names(start: Any, place: Place) -> Iterator[Problem]:
    yield from _data(start.data, (*place, "data"))
    if start.job == "training":
        yield from _method(start.method, (*place, "method"))
    else:
        yield from _model(start.model, (*place, "model"))


def _start(start: Any, place: Place) -> Iterator[Problem]:
    """Each setting alone, then all together."""
    if start.job == "training":
        wrong = list(_each_setting(start.method, start.settings, (*place, "settings")))
        known = starts.hyperparameters(start.method)
        kind = f"hyperparameter of {start.method}"
    else:
        from explorer.tasks.task import TASKS

        known, kind = TASKS[start.job].Config.model_fields, f"option of a {start.job}"
        wrong = list(_each_option(start, known, kind, (*place, "settings")))
    for i, name in enumerate(start.change):
        wrong += _tried((*place, "change", i), choose, kind, name, known)
    yield from wrong
    if not wrong and data.catalogue()[start.data].available:
        yield from _tried(place, starts.spec, start, {})


def _each_setting(method: str, settings: dict[str, Any], place: Place) -> Iterator[Problem]:
    """The settings together; where they are refused, the one that is to blame alone, if there is one."""
    if not (wrong := _refusal_of(method, settings)):
        return
    blamed = [(name, why) for name in settings if (why := _refusal_of(method, {name: settings[name]}))]
    blamed = [(name, why) for name, why in blamed if f" {name}=" in why or f"'{name}'" in why]
    yield from (Problem((*place, name), why) for name, why in blamed)
    if not blamed:
        yield Problem(place, wrong)


def _refusal_of(method: str, settings: dict[str, Any]) -> str:
    """Why hyperparameters of a method and of its training are refused; empty where they are allowed."""
    from explorer.methods import METHODS

    cls = METHODS[method]
    try:
        own, every = starts.sorted_out(method, settings)
        _ = cls.hyperparameters(own), cls.training(every)
    except Refused as refused:
        return str(refused)
    return ""


def _each_option(start: Any, known: Any, kind: str, place: Place) -> Iterator[Problem]:
    for name, value in start.settings.items():
        wrong = list(_tried((*place, name), choose, kind, name, known))
        yield from wrong or _tried((*place, name), _allowed, start, name, value)


def _allowed(start: Any, name: str, value: Any) -> None:
    """Raises `Refused` where an option has a value that is not allowed."""
    from explorer.config import refusal
    from explorer.tasks.task import TASKS

    config = TASKS[start.job].Config
    try:
        config.model_validate({**_required(start), name: starts.listed(start.job, name, value)})
    except ValidationError as error:
        raise refusal(error, lambda name: f"{start.job} option {name}=") from None


def _required(start: Any) -> dict[str, Any]:
    return {"how": start.settings.get("how", "pca")} if start.job == "map" else {}


def _reveal(step: Step, until_now: tuple[Step, ...], here: Place) -> Iterator[Problem]:
    """The rule gives each of the answers and no other, and its numbers are there."""
    possible, offered = step.reveal.answers(), step.predict.answers
    for i, answer in enumerate(offered):
        if answer not in possible:
            yield Problem((*here, "predict", "answers", i), _impossible(answer, possible))
    for answer in possible:
        if answer not in offered:
            near = get_close_matches(answer, offered, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            why = f"the reveal can give '{answer}', which is none of the answers: add it to them{hint}"
            yield Problem((*here, "reveal"), why)
    started = [each.start for each in until_now if each.start]
    own = [source for source in step.reveal.sources() if source.run]
    if own and not started:
        yield Problem((*here, "reveal"), "it reads the student's own run, and no step until here starts one")
        return
    for source in own:
        yield from _tried((*here, "reveal"), _known_number, source, started[-1])
    if not own:
        yield from _tried((*here, "reveal"), _computed, step)
        return
    for source in step.reveal.sources():
        if source not in own:
            yield from _tried((*here, "reveal"), sources.measured, source)


def _known_number(source: sources.Source, start: Any) -> None:
    """Raises `Refused` where a run that will be started cannot have this number, or has no such baseline."""
    numbers = _numbers_of_job(start)
    if source.baseline and start.job != "training":
        raise Refused(f"a {start.job} has no baseline: leave 'baseline: {source.baseline}' out")
    if source.baseline:
        choose("baseline of a training", source.baseline, dict.fromkeys(("Untrained", *PLAIN.values())))
        numbers = tuple(PROBES)
    choose(f"number of a {start.job}", source.number, dict.fromkeys(numbers))


def _numbers_of_job(start: Any) -> tuple[str, ...]:
    """The numbers that a run of this start will have."""
    if start.job == "map":
        return ("trustworthiness",)
    if start.job == "training":
        return (*PROBES, *sources.CURVES)
    arms = starts.listed("transfer", "arms", start.settings.get("arms", DEFAULT))
    return tuple(f"{arm}.test_accuracy" for arm in arms)


def _impossible(answer: str, possible: list[str]) -> str:
    return f"the reveal can never give the answer '{answer}': it gives {', '.join(map(repr, possible))}"


def _computed(step: Step) -> None:
    step.reveal.outcome([sources.measured(source) for source in step.reveal.sources()])
