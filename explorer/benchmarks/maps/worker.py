"""Maps in a process of its own, which has one thread: `… worker JSON` prints a line of JSON for each row.

A row costs core-seconds, since the clock of a machine that is busy tells little.
"""

import json
import sys
from collections.abc import Iterator
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np

from explorer.benchmarks.speed.clock import Clock
from explorer.benchmarks.speed.comparison import Row

DATA, MODEL = "fashion_mnist", "garments-simclr"
WARM = 200  # points of the map before, which imports and compiles what it needs
EPOCHS = 5  # of the lecture's autoencoder
LECTURE = {"pca": 0.001, "kernel_pca": 0.013, "lle": 0.077, "isomap": 0.12, "tsne": 2.7}  # its seconds for 500 points


def whole(how: str, points: list[int], dims: int) -> Iterator[Row]:
    """All that the job of a map computes once the features are there: neighbours, coordinates, how far it lies."""
    from explorer import data
    from explorer.models.loading import load
    from explorer.tasks import map_rows
    from explorer.tasks.map import Config, draw

    dataset = data.load(DATA)
    model = load(MODEL, dataset)
    draw(model, dataset, Config(how=how, n=WARM, dims=dims))
    for n in points:
        cfg = Config(how=how, n=n, dims=dims)
        width = map_rows.features(model, dataset, map_rows.choose_rows(dataset, n)).shape[1]  # kept from here on
        clock = Clock()
        with clock:
            made = draw(model, dataset, cfg, lambda *_: None)
        worth = {name: float(made[name]) for name in ("trustworthiness", "continuity")}
        memory = {"peak_gb": getrusage(RUSAGE_SELF).ru_maxrss / 1e6}
        yield {"how": how, "dims": dims, "n": len(made["rows"]), "core_seconds": clock.core_seconds, **worth, **memory,
               "data": DATA, "model": MODEL, "features": width}  # fmt: skip


def codes(n: int, images: int = 60_000, epochs: int = EPOCHS) -> np.ndarray:
    """The codes `[n, 10]` of the first n test images by the lecture's autoencoder, trained on the first images."""
    import torch

    from explorer import data
    from explorer.benchmarks.speed.comparisons.autoencoder import fit

    splits = data.load(DATA).splits
    training = fit(np.concatenate([splits[name].x for name in ("train", "validation")])[:images], epochs)
    for _ in training:
        pass
    method = training.method.eval()
    with torch.no_grad():
        return method.embed(torch.from_numpy(np.asarray(splits["test"].x[:n])).float() / 255).numpy()


def lecture(n: int, times: int, images: int = 60_000, epochs: int = EPOCHS) -> Iterator[Row]:
    """The map of the lecture's codes alone, by the estimator behind it and by scikit-learn's, in turn."""
    from explorer.evaluation.preparation import preparation
    from explorer.evaluation.projections import PROJECTIONS, Options, trust

    z = codes(n, images, epochs)
    x = preparation(z).apply(z)
    for how, projection in PROJECTIONS.items():
        sides = {"ours": lambda projection=projection: projection.make(Options(), None)}
        if how in LECTURE:
            sides["peer"] = lambda how=how: library(how)
        took: dict[str, list[float]] = {side: [] for side in sides}
        drawn = {side: make().fit_transform(x) for side, make in sides.items()}  # imports and compiles
        for _ in range(times):
            for side, make in sides.items():
                estimator, clock = make(), Clock()
                with clock:
                    drawn[side] = estimator.fit_transform(x)
                took[side].append(clock.core_seconds)
        yield {"how": how, "n": n, "dims": 2, "lecture": LECTURE.get(how), "took": took, "data": DATA,
               "trust": {side: trust(x, np.asarray(coords)) for side, coords in drawn.items()}}  # fmt: skip


def library(how: str) -> Any:
    """Scikit-learn's, as the lecture called it: two components, ten neighbours, a Gaussian kernel."""
    from sklearn import decomposition, manifold

    made = {
        "pca": lambda: decomposition.PCA(2),
        "kernel_pca": lambda: decomposition.KernelPCA(2, kernel="rbf"),
        "lle": lambda: manifold.LocallyLinearEmbedding(n_neighbors=10, n_components=2),
        "isomap": lambda: manifold.Isomap(n_neighbors=10, n_components=2),
        "tsne": lambda: manifold.TSNE(2, random_state=0),
    }
    return made[how]()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    for row in {"whole": whole, "lecture": lecture}[asked.pop("kind")](**asked):
        print(json.dumps(row), flush=True)
