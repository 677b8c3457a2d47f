"""Whether interpolation in a code gives meaningful images, over many pairs, in spaces that no way lives in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.evaluation.statistics import percent
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task

WORDS = {"linear": "linear", "spherical": "spherical", "data": "through the data", "pca": "PCA of equal size",
         "blend": "pixel blend"}  # fmt: skip


class Config(Options):
    """Options of the measurement."""

    pairs: int = Field(200, ge=20, le=2000, description="pairs of validation images of different classes")
    steps: int = Field(9, ge=3, le=31, description="pictures of a way, both ends included")
    space: str = Field("", description="model whose features are one more space to look from; empty = none more")
    seed: int = Field(0, ge=0, lt=2**31, description="seed of the pairs")


@task("Interpolation over many pairs")
class Interpolate(Task):
    """Measure how far ways between codes stray from real images, beside pixel blends and PCA of equal size."""

    Config = Config
    result = None
    page = "latents"

    def check(self, refs: Sequence[ModelRef], entry: Any, cfg: Config) -> None:
        """Raises `Refused` where the model to look from does not exist or looks at other data."""
        if cfg.space:
            other = ModelRef.parse(cfg.space)
            other.check()
            other.check_data(entry.name)

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Of what, on what."""
        return f"Interpolation in {refs[0]}, {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Measure it in pixels, in an untrained encoder's features, and in those of one more model."""
        run.update(message="loading", device=inputs.device)
        scores = measured(inputs.model, inputs.dataset, cfg, lambda text: run.update(message=text))
        run.write_scores(scores)

    def report(self, run: Run) -> Report:
        """A line for each way in each space."""
        scores = run.scores() or {}
        return lines(scores), {"model": run.spec.model, "dataset": run.spec.dataset, **scores}


def measured(model: Any, dataset: Any, cfg: Config, say: Any = lambda _: None) -> dict[str, Any]:
    """What `evaluation.interpolation` measures of a loaded model, beside PCA of as many dimensions."""
    from explorer.evaluation import interpolation, straying
    from explorer.models import loading
    from explorer.tasks.report import independent_space

    validation = dataset.splits["validation"]
    training = np.asarray(dataset.splits["train"].x[dataset.chosen("train", (), interpolation.TRAINING)[0]])
    images = np.asarray(validation.x[:])
    ends = straying.pairs(validation.y, cfg.pairs, cfg.seed)
    spaces = [("pixels", straying.flat), ("untrained features", independent_space(dataset))]
    if cfg.space:
        spaces.append((f"features of {cfg.space}", loading.load(cfg.space, dataset).embed))
    width = model.embed(images[:2]).shape[1]
    control = loading.load(f"pca:{min(width, int(np.prod(images.shape[1:])))}", dataset)
    return interpolation.measure(model, control, images, training, ends, spaces, cfg.steps, say)


def lines(scores: dict[str, Any]) -> list[str]:
    """What was found, for people."""
    from explorer.evaluation.straying import collapsed

    found = [f"{scores['pairs']} pairs of {scores['images']} images, {scores['dimensions']} dimensions"]
    for space, ways in scores["spaces"].items():
        for name, way in ways.items():
            begin, end = f"{space}, {WORDS[name]}: {spread(way['stray'])}", f"ends apart {way['reach']:.2f}"
            if collapsed(way):
                found.append(f"{begin}, {end}: collapsed, the way goes nowhere, so nothing is compared")
                continue
            parts = [f"{begin}, over its ends {spread(way['added'], '+')}, {end}"]
            for other, words in (("blend", "blend"), ("pca", "PCA")):
                if against := way.get(f"against_{other}"):
                    parts.append(f"minus {words} {spread(against['difference'], '+')}, nearer in {share(against)}")
            found.append("; ".join(parts))
    return found


def spread(values: Sequence[float], sign: str = "") -> str:
    """A mean and its interval: 1.05 (1.03 to 1.06)."""
    middle, low, high = (f"{value:{sign}.3f}".replace("-", "−") for value in values)
    return f"{middle} ({low} to {high})"


def share(against: dict[str, Any]) -> str:
    """In which share of the pairs it is nearer."""
    low, high = against["nearer_interval"]
    return f"{percent(against['nearer'])} ({percent(low)} to {percent(high)})"
