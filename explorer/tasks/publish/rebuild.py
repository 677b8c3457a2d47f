"""Training shipped models from their recipes, and measuring again what their cards state."""

import hashlib
from typing import NamedTuple

from explorer import Refused, data, runs
from explorer.evaluation import unfolding
from explorer.evaluation.probes import PROBES, Features
from explorer.models import loading
from explorer.runs import Run, Spec, store
from explorer.tasks.publish import card, maps
from explorer.tasks.publish.publishing import WEIGHTS, publish, write
from explorer.tasks.publish.recipes import Recipe

TOLERANCE = 0.01  # of a share: another processor rounds otherwise, and a few images change sides
DECIDES = ("method", "dataset", "hyperparameters", "train")  # of a training, besides the images
OPEN = ("queued", "running", "interrupted")


class Checked(NamedTuple):
    """A stated score, and the same measured again."""

    probe: str
    stated: float
    measured: float

    @property
    def holds(self) -> bool:
        """Whether they agree."""
        return abs(self.stated - self.measured) <= TOLERANCE


def is_current(recipe: Recipe, spec: Spec) -> bool:
    """Whether the shipped model is the one of this recipe, with the weights that its card was computed from."""
    run = Run(store.SHIPPED / recipe.name, shipped=True)
    known = card.read(run)
    if known is None or not same(run.spec, spec) or not (run.folder / WEIGHTS).exists():
        return False
    return known.weights == hashlib.sha256((run.folder / WEIGHTS).read_bytes()).hexdigest()


def reword(recipe: Recipe) -> bool:
    """Give the card and the title of a shipped model the words of its recipe; says whether they were others."""
    run = Run(store.SHIPPED / recipe.name, shipped=True)
    known = card.read(run)
    words = {"title": recipe.title, "shows": recipe.shows, "measured": card.in_words(known.scores)}
    if all(getattr(known, name) == text for name, text in words.items()):
        return False
    write(run.folder, card.NAME, known.model_copy(update=words).model_dump())
    write(run.folder, "spec.json", run.spec.model_copy(update={"title": recipe.title}).model_dump())
    return True


def unfolded(recipe: Recipe) -> bool:
    """Lay out the frames of a shipped model where that is missing and its pictures are there; says whether it was."""
    run = Run(store.SHIPPED / recipe.name, shipped=True)
    missing = not (run.folder / unfolding.FILE).exists() and data.catalogue()[run.spec.dataset].kind == "embedded"
    if missing:
        maps.unfold(run, data.load(run.spec.dataset, run.spec.train.get("size") or 0))
    return missing


def same(one: Spec, other: Spec) -> bool:
    """Whether two trainings do the same."""
    return all(getattr(one, name) == getattr(other, name) for name in DECIDES)


def training(recipe: Recipe, spec: Spec, again: bool = False) -> Run:
    """The training of a recipe: done, interrupted or new. One that failed, was stopped or is another begins anew."""
    id = f"recipe-{recipe.name}"
    run = runs.find(id)
    if run and not again and same(run.spec, spec) and run.status.state in (*OPEN, "done"):
        return run
    if run:
        runs.delete(id)
    return runs.create(spec, id)


def finished(recipe: Recipe, run: Run) -> None:
    """Put the recipe's training among the shipped models; raises `Refused` unless it is done."""
    if run.status.state != "done":
        raise Refused(f"the training of {recipe.name} is {run.status.state}: start it again")
    if run.title != recipe.title:
        runs.rename(run.id, recipe.title)
    publish(run.id, recipe.name, recipe.shows)


def obstacle(name: str) -> str:
    """Why the scores of a shipped model cannot be measured on this machine; empty if they can."""
    run = runs.find(name)
    known = card.read(run) if run else None
    if known is None:
        return f"{name} is not there: make it with python -m explorer shipped --only {name}"
    entry = data.catalogue().get(known.data.name)
    if entry is None or not entry.available:
        return f"{known.data.title} is not on this machine"
    dataset = data.load(known.data.name, known.train["size"])
    return "" if dataset.hash == known.data.hash else f"{known.data.title} has other images here than it was trained on"


def check(name: str, only: tuple[str, ...] = tuple(PROBES)) -> list[Checked]:
    """These probes of the shipped weights, as stated and as measured now."""
    known, model = card.read(runs.get(name)), loading.load(name)
    dataset = data.load(known.data.name, known.train["size"])
    classes = known.train["classes"]
    bank, labels = dataset.chosen("train", classes, known.scores["n_train"])
    asked, truth = dataset.chosen("test", classes)
    labelled = Features(model.features(dataset, "train", bank), labels)
    queries = Features(model.on_demand(dataset, "test", asked), truth)
    return [Checked(probe, known.scores[probe], PROBES[probe](labelled, queries)) for probe in only]
