"""Drawing a map: a projection of a model's features of the probe set to the plane or to space."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from explorer.config import Config as Options
from explorer.data import DataSet
from explorer.data.dataset import PROBE_ROWS
from explorer.errors import choose
from explorer.evaluation import projections
from explorer.evaluation.projections import PROJECTIONS, TRUST_AT
from explorer.evaluation.tsne import ITERATIONS
from explorer.evaluation.watching import Watch
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import map_rows
from explorer.tasks.inputs import Inputs
from explorer.tasks.map_film import Film
from explorer.tasks.task import Report, Task, rounded, task

MOST = 60_000  # points
FEATURES_OF = 10_000  # points of which the features are stored, too
QUICKER = 2_000  # points from which on torch finds neighbours in less time than numpy
ADDED = (
    "dims",
    "perplexity",
    "min_dist",
    "kernel_width",
    "metric",
    "split",
    "label",
    "null",
)  # options that maps once had not


class Config(Options):
    """Options of a map."""

    how: str = Field(description="the projection", json_schema_extra={"enum": list(PROJECTIONS)})
    n: int = Field(
        PROBE_ROWS, ge=3, le=MOST,
        description="points, balanced over classes; fewer where the data has fewer. Kernel PCA, LLE and Isomap take "
        f"at most {projections.SQUARED:,}: their memory grows with the square",
    )  # fmt: skip
    neighbours: int = Field(
        10,
        ge=2,
        le=332,
        validate_default=True,  # a small n may not allow it
        description="neighbourhood size: nearest neighbours of each point that LLE, Isomap and UMAP take into account; "
        "few show local, many global structure",
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**31,
        description="seed of t-SNE and UMAP; t-SNE starts at the principal components with 0, else at random points",
    )
    dims: int = Field(2, ge=2, le=3, description="dimensions of the map: 2 is a plane, 3 a space to turn")
    perplexity: float = Field(
        0.0, ge=0, le=1000,
        description="t-SNE: about how many neighbours each point attracts; 0 = three times the neighbourhood size",
    )  # fmt: skip
    min_dist: float = Field(
        0.1, ge=0, le=0.99,
        description="UMAP: how far apart points lie at least; small packs clusters, large spreads them",
    )  # fmt: skip
    kernel_width: float = Field(
        1.0, gt=0, le=100,
        description="Kernel PCA: width of its Gaussian; 1 = the typical distance of a point from the middle, "
        "small sees near points alone, large comes close to PCA",
    )  # fmt: skip
    metric: Literal["euclidean", "cosine"] = Field(
        "euclidean", description="distance between features: Euclidean, or cosine, which sees directions alone"
    )
    split: Literal["auto", "train", "validation", "test", "all"] = Field(
        "auto",
        description="whose images: auto = of validation, with training images where there are few; of finished vectors "
        "all rows",
    )
    label: str = Field("", max_length=200, description="one class alone; empty = all classes")
    null: bool = Field(
        False,
        description="a Gaussian of the same mean and covariance instead of the features, which shows what "
        "the projection makes of noise",
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
        if neighbours >= n and "neighbours" in PROJECTIONS.get(info.data.get("how", ""), PROJECTIONS["lle"]).reads:
            raise ValueError(f"{n} points allow 2 to {n - 1}")
        return neighbours

    @property
    def options(self) -> projections.Options:
        """What the projection is told."""
        fields = self.model_dump(include=set(projections.Options._fields))
        return projections.Options(**fields)


@task("Map")
class Map(Task):
    """Compute a map of a model's features of the probe images and write it to a file."""

    Config = Config
    page = "embeddings"
    version_keys = ("start", "trust_at", "library", "iterations")
    added = ADDED

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """The projection, the model and the data."""
        twin = " of a Gaussian like" if cfg.null else " of"
        return f"{PROJECTIONS[cfg.how].title}{twin} {refs[0]}, {data}"

    def version(self, cfg: Config) -> dict[str, str]:
        """Where t-SNE starts, once the principal components with any seed; what computes it, once scikit-learn, and
        for how long, once 50 iterations; where trustworthiness is measured, once at the map's own neighbourhood size.
        """
        library = {"library": "openTSNE", "iterations": str(ITERATIONS)} if cfg.how == "tsne" else {}
        start = {"start": "random"} if cfg.how == "tsne" and cfg.seed else {}
        trust = {} if cfg.neighbours == TRUST_AT else {"trust_at": str(TRUST_AT)}
        return {**library, **start, **trust}

    def check(self, refs: Sequence[ModelRef], entry: Any, cfg: Config) -> None:
        """Raises `Refused` for more points than the projection takes, and for a class that there is not."""
        if cfg.label and entry.classes:
            choose("class", cfg.label, {name: name for name in entry.classes})
        if cfg.n > PROJECTIONS[cfg.how].most:
            projections.check(cfg.how, _points(entry, cfg))

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Draw it; one that is stopped keeps how far it had come."""
        model, dataset = inputs.model, inputs.dataset  # which say themselves how far they are
        run.update(message="computing the map", device=inputs.device)
        run.write_result(**draw(model, dataset, cfg, Film(run, cfg.dims).watch))

    def report(self, run: Run) -> Report:
        """How long it took and how much it can be trusted."""
        arrays = run.result()
        about = {"model": run.spec.model, "dataset": run.spec.dataset, "how": run.spec.params["how"],
                 "seed": run.spec.seed, "n": len(arrays["rows"]), "seconds": float(arrays["seconds"]),
                 "trustworthiness": float(arrays["trustworthiness"])}  # fmt: skip
        if "continuity" in arrays:  # not in the maps of before
            about |= {"continuity": float(arrays["continuity"]), "notes": arrays["notes"].tolist()}
        lines = [f"{name}: {rounded(value)}" for name, value in about.items() if name != "notes"]
        return [*lines, *(f"note: {note}" for note in about.get("notes", ()))], about


def _points(entry: Any, cfg: Config) -> int:
    """How many points a map will have; as many as are asked for, where the data would have to be decoded to know."""
    from explorer import data

    quick = entry.kind in ("embedded", "vectors") and entry.available
    dataset = data.load(entry.name) if quick else data.ready(entry.name)
    return cfg.n if dataset is None else map_rows.available(dataset, cfg.n, cfg.split, cfg.label)


def draw(model: Any, dataset: DataSet, cfg: Config, watch: Watch | None = None) -> dict[str, Any]:
    """A map of images in balance: coordinates, neighbours in feature space, time, faithfulness, features, notes.

    `rows` [N] are rows of the splits `split` [N] (numbers of `map_rows.SPLITS`). See `map_result` for all arrays.
    """
    import numpy as np

    from explorer.evaluation import null_twin
    from explorer.models.devices import half

    chosen = map_rows.choose_rows(dataset, cfg.n, cfg.split, cfg.label)
    features = map_rows.features(model, dataset, chosen)
    if cfg.null:
        features = null_twin.gaussian_twin(features, cfg.seed)
    near = _neighbours(features)
    drawn = projections.project(features, cfg.how, watch=watch, **cfg.options._asdict())
    structure = null_twin.structure(features, cfg.seed) if not drawn.stopped else null_twin.Structure(0.0, 0.0, "")
    notes = [*chosen.notes, *drawn.notes, *filter(None, [structure.warning])]
    faithful = drawn.faithful
    stored = {"features": half(features)} if len(features) <= FEATURES_OF else {}
    return {
        "coords": drawn.coords, "rows": chosen.rows, "split": chosen.split, "y": chosen.y, "neighbours": near,
        "seconds": np.float32(drawn.seconds), "trustworthiness": np.float32(drawn.trustworthiness),
        "continuity": np.float32(faithful.continuity), "measured": faithful.points, "trust": faithful.trust,
        "keeps": faithful.keeps, "shown": faithful.shown, "false": faithful.false, "near": faithful.near,
        "missing": faithful.missing, "nats": np.float32(structure.nats), "warning": np.array(structure.warning),
        "notes": np.array(notes, dtype="U"), "stopped": np.int64(drawn.stopped), **stored,
    }  # fmt: skip


def _neighbours(features: Any) -> Any:
    """`[N, 10]` positions of the nearest others by cosine after centring."""
    import numpy as np

    if len(features) <= QUICKER:
        return projections.nearest(features)
    import torch

    from explorer.evaluation.neighbours import nearest

    z = torch.from_numpy(np.ascontiguousarray(features, np.float32))
    return nearest(z, z, 10, own=torch.arange(len(z))).index.numpy().astype(np.int32)
