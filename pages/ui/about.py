"""What the Methods page tells of a method. Importing this imports torch."""

import inspect
from pathlib import Path

from explorer import models, views
from explorer.core import DataSpec, Method, TrainConfig
from explorer.data import DataSet
from explorer.methods import METHODS
from pages.ui import forms, pictures, say

__all__ = ["METHODS", "chance", "facts", "seen", "source", "spec"]
SHOWN = 12


def spec(found: DataSet) -> DataSpec:
    """The shape of a data set, as methods ask for it."""
    return DataSpec(found.name, found.channels, found.size, found.classes, len(found.splits["train"].y))


def chance(name: str, found: DataSet, training: TrainConfig) -> str:
    """The loss of a network that has learned nothing, in a sentence; empty if the method names none."""
    if METHODS[name].info.needs.unmet(spec(found)):
        return ""
    level = models.fresh(name, {}, TrainConfig(encoder="mlp", width=0.25), spec(found)).chance(training.batch)
    if level is None:
        return "Its loss has no level of chance: look at what it reconstructs."
    return f"A network that has learned nothing stays at a loss of **{level:.3f}** with {training.batch} images a step."


def seen(name: str, found: DataSet, seed: int) -> None:
    """What the method makes of some images: views below the images that they were made of."""
    images, probe = found.splits["validation"], found.probe()[0]
    rows = probe[:: max(1, len(probe) // SHOWN)][:SHOWN]
    named = {"image": images.x[rows]}
    for caption, made in views.preview(name, {}, images.x[rows], seed, images.y[rows], found.classes).items():
        if made.ndim == 4:
            named[caption.replace("_", " ")] = made
        else:  # several tiles of each image
            named |= {f"{caption.replace('_', ' ')} {i + 1}": made[:, i] for i in range(made.shape[1])}
    pictures.rows(named)
    say.provenance(data=f"{found.title}, validation", method=METHODS[name].info.title, seed=seed)


def facts(method: type[Method]) -> dict[str, str]:
    """Family, paper, needs, and the training defaults of its own."""
    needs = method.info.needs
    wants = [
        word
        for word, wanted in (("colour images", needs.colour), (f"{needs.min_size} pixels", needs.min_size))
        if wanted
    ]
    own = ", ".join(f"{forms.label(key).lower()} {value}" for key, value in method.train_defaults.items())
    known = {"Family": method.info.family, "Paper": method.info.paper, "Needs": " and ".join(wants) or "any images"}
    return known | {"Trained with": own or "the common defaults"}


def source(method: type[Method]) -> tuple[str, str]:
    """The method's file, relative to the repository, and its text."""
    path = Path(inspect.getfile(method))
    return str(path.relative_to(Path(__file__).parents[2])), path.read_text("utf-8")
