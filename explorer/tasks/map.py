"""Drawing a map: a projection of a model's features of the probe set to the plane."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from explorer.config import Config as Options
from explorer.data import DataSet
from explorer.data.dataset import PROBE_ROWS, balanced, numpy_generator
from explorer.errors import choose
from explorer.evaluation.projections import PROJECTIONS, TRUST_AT
from explorer.evaluation.tsne import ITERATIONS
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, rounded, task


class Config(Options):
    """Options of a map."""

    how: str = Field(description="the projection", json_schema_extra={"enum": list(PROJECTIONS)})
    n: int = Field(
        PROBE_ROWS, ge=8, le=PROBE_ROWS, description="points, balanced over classes; fewer where the data has fewer"
    )
    neighbours: int = Field(
        10,
        ge=2,
        le=(PROBE_ROWS - 2) // 3,
        validate_default=True,  # a small n may not allow it
        description="neighbourhood size: nearest neighbours of each point that the projection takes into account",
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**31,
        description="seed of t-SNE and UMAP; t-SNE starts at the principal components with 0, else at random points",
    )

    @field_validator("how")
    @classmethod
    def _known(cls, how: str) -> str:
        choose("projection", how, PROJECTIONS)
        return how

    @field_validator("neighbours")
    @classmethod
    def _few(cls, neighbours: int, info: ValidationInfo) -> int:
        n = info.data.get("n", PROBE_ROWS)
        if 3 * neighbours + 2 > n:  # t-SNE's perplexity of three times as many needs that many points
            raise ValueError(f"{n} points allow 2 to {(n - 2) // 3}")
        return neighbours


@task("Map")
class Map(Task):
    """Compute a map of a model's features of the probe images and write it to a file."""

    Config = Config
    page = "embeddings"
    version_keys = ("start", "trust_at", "library", "iterations")

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """The projection, the model and the data."""
        return f"{PROJECTIONS[cfg.how].title} of {refs[0]}, {data}"

    def version(self, cfg: Config) -> dict[str, str]:
        """Where t-SNE starts, once the principal components with any seed; what computes it, once scikit-learn, and
        for how long, once 50 iterations; where trustworthiness is measured, once at the map's own neighbourhood size.
        """
        library = {"library": "openTSNE", "iterations": str(ITERATIONS)} if cfg.how == "tsne" else {}
        start = {"start": "random"} if cfg.how == "tsne" and cfg.seed else {}
        trust = {} if cfg.neighbours == TRUST_AT else {"trust_at": str(TRUST_AT)}
        return {**library, **start, **trust}

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Draw it."""

        def progress(step: int, of: int) -> bool:
            run.update(step=step, steps=of)
            return step < of and run.stop_requested()

        run.update(message="computing the map", device=inputs.device)
        drawn = draw(inputs.model, inputs.dataset, cfg, progress)
        if run.status.step == run.status.steps:  # else t-SNE was stopped
            run.write_result(**drawn)

    def report(self, run: Run) -> Report:
        """How long it took and how much it can be trusted."""
        arrays = run.result()
        about = {"model": run.spec.model, "dataset": run.spec.dataset, "how": run.spec.params["how"],
                 "seed": run.spec.seed, "n": len(arrays["rows"]), "seconds": float(arrays["seconds"]),
                 "trustworthiness": float(arrays["trustworthiness"])}  # fmt: skip
        return [f"{name}: {rounded(value)}" for name, value in about.items()], about


def draw(
    model: Any, dataset: DataSet, cfg: Config, progress: Callable[[int, int], bool | None] | None = None
) -> dict[str, Any]:
    """A map of probe images in balance: coordinates, neighbours in feature space, time, trustworthiness, features."""
    import numpy as np

    from explorer.evaluation.projections import nearest, project
    from explorer.models.devices import half

    validation, rows = dataset.splits["validation"], dataset.probe()[0]
    rows = rows[balanced(validation.y[rows], cfg.n, numpy_generator(dataset.source, "map"))]
    features = model.features(dataset, "validation", rows)
    drawn = project(features, cfg.how, cfg.seed, cfg.neighbours, progress)
    return {
        "coords": drawn.coords, "rows": rows, "y": validation.y[rows], "neighbours": nearest(features),
        "seconds": np.float32(drawn.seconds), "trustworthiness": np.float32(drawn.trustworthiness),
        "features": half(features),
    }  # fmt: skip
