"""What belongs to a map: other seeds, its null twin, the map of the raw pixels, new points, a map at once."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer import runs
from explorer.data import DataSet
from explorer.errors import Refused
from explorer.evaluation import null_twin, placing
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Busy, Run, Spec
from explorer.tasks import map_result, map_rows
from explorer.tasks.map import draw
from explorer.tasks.map_rows import Rows
from explorer.tasks.request import request
from explorer.tasks.task import TASKS

if TYPE_CHECKING:
    from explorer.models.model import Model

SEEDS = 5
AT_ONCE = {"pca": 2_000, "kernel_pca": 500}  # points that a page's own process draws within half a second


def sibling(spec: Spec, model: str = "", **changes: Any) -> Spec:
    """The request for the same map with other options, or of another model."""
    options = TASKS["map"].config(spec).model_dump() | changes
    return request("map", model or spec.models[0], spec.dataset, spec.params.get("size", 0), **options)


def seeds(spec: Spec, many: int = SEEDS) -> list[Spec]:
    """The requests for a map with this seed and the following ones; one alone where no random number is drawn.

    Their coordinates go into `evaluation.map_spread.spread`.
    """
    if "seed" not in PROJECTIONS[spec.params["how"]].reads:
        return [spec]
    return [spec, *(sibling(spec, seed=spec.seed + i) for i in range(1, many))]


def null(spec: Spec) -> Spec:
    """The request for its null twin: a Gaussian of the same mean and covariance through the same projection."""
    return sibling(spec, null=True)


def of_pixels(spec: Spec) -> Spec:
    """The request for the same map of the raw pixels; raises `Refused` where the data are no images."""
    from explorer import data

    entry = data.catalogue().get(spec.dataset)
    if entry is not None and entry.modality != "image":
        raise Refused(f"{spec.dataset} is {entry.modality} data, which has no pixels")
    return sibling(spec, model="pixels")


def features_of(run: Run, model: "Model", dataset: DataSet) -> np.ndarray:
    """The features `[N, D]` that a map was drawn of, from its model anew: they are the same to the last bit."""
    result, cfg = map_result.read(run), TASKS["map"].config(run.spec)
    if result is None:
        raise Refused(f"the map '{run.id}' is not there yet: wait until it is drawn")
    features = map_rows.features(model, dataset, Rows(result.rows, result.split, result.y, ()))
    return null_twin.gaussian_twin(features, cfg.seed) if cfg.null else features


def place_on(run: Run, model: "Model", dataset: DataSet, new: np.ndarray) -> np.ndarray:
    """Where new features `[M, D]` of the same model lie on a map that is there, `[M, dims]`; no old point moves."""
    features, cfg = features_of(run, model, dataset), TASKS["map"].config(run.spec)
    return placing.place(cfg.how, features, map_result.read(run).coords, new, cfg.options)


def is_instant(spec: Spec) -> bool:
    """Whether a page may draw this map itself, once it has the model: it need not wait behind others in a queue."""
    return spec.params["n"] <= AT_ONCE.get(spec.params["how"], 0)


def draw_now(spec: Spec, model: "Model", dataset: DataSet) -> Run:
    """The job of a map, drawn in this process unless it is there or another process is at it.

    It lies where the engine would have put it. Raises `Refused` where the map cannot be drawn, and leaves nothing then.
    """
    run = runs.create(spec)
    if run.status.final or run.shipped:
        return run
    with suppress(Busy), run.lock():
        if run.status.final:
            return run
        run.update(state="running", attempts=run.status.attempts + 1, started=time.time())
        try:
            run.write_result(**draw(model, dataset, TASKS["map"].config(spec)))
        except Refused as refused:
            run.update(state="failed", error=str(refused))
            raise
        run.update(state="done")
    return run
