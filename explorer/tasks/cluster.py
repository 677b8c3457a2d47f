"""Finding clusters among a model's features of the images of a map."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.data.dataset import PROBE_ROWS
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import map_rows
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, rounded, task


class Config(Options):
    """Options of a search for clusters."""

    how: Literal["kmeans", "hdbscan"] = Field(
        "kmeans", json_schema_extra={"titles": {"kmeans": "k-means", "hdbscan": "HDBSCAN"}},
        description="k-means finds as many as it is told, HDBSCAN dense groups of any number and leaves out "
        "what lies between"
    )  # fmt: skip
    k: int = Field(0, ge=0, le=1000, description="k-means: clusters; 0 = as many as there are classes, at least 2")
    min_cluster_size: int = Field(10, ge=2, le=1000, description="HDBSCAN: points that a cluster has at least")
    n: int = Field(PROBE_ROWS, ge=3, le=20_000, description="points, those of a map of as many")
    split: Literal["auto", "train", "validation", "test", "all"] = Field(
        "auto", description="whose images, as of a map"
    )
    metric: Literal["euclidean", "cosine"] = Field("euclidean", description="distance between features")
    seed: int = Field(0, ge=0, lt=2**31, description="seed of k-means")


@task("Clusters")
class Cluster(Task):
    """Find clusters in a model's features, how far they agree with the labels, and the images each is about."""

    Config = Config
    page = "embeddings"

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """By what, of what."""
        return f"{'k-means' if cfg.how == 'kmeans' else 'HDBSCAN'} of {refs[0]}, {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Find them; `rows`, `split` and `y` are those of a map of as many points."""
        from explorer.evaluation import clusters

        model, dataset = inputs.model, inputs.dataset
        run.update(message="finding clusters", device=inputs.device)
        chosen = map_rows.choose_rows(dataset, cfg.n, cfg.split)
        k = cfg.k or max(2, len(dataset.classes))
        features = map_rows.features(model, dataset, chosen)
        found = clusters.find(features, chosen.y, cfg.how, k, cfg.min_cluster_size, cfg.seed, cfg.metric)
        scores = {name: np.float32(np.nan if (it := getattr(found, name)) is None else it)
                  for name in ("silhouette", "ari", "nmi")}  # fmt: skip
        run.write_result(
            rows=chosen.rows, split=chosen.split, y=chosen.y, cluster=found.cluster, sizes=found.sizes,
            typical=found.typical, labels=found.labels, purity=found.purity, notes=np.array(chosen.notes, dtype="U"),
            **scores,
        )  # fmt: skip

    def report(self, run: Run) -> Report:
        """How many, how compact, and how alike to the labels."""
        arrays = run.result()
        scores = {name: float(arrays[name]) for name in ("silhouette", "ari", "nmi") if np.isfinite(arrays[name])}
        about = {"clusters": len(arrays["sizes"]), "outside": int((arrays["cluster"] < 0).sum()), **scores,
                 "sizes": arrays["sizes"].tolist()}  # fmt: skip
        return [f"{name}: {rounded(value)}" for name, value in about.items()], about
