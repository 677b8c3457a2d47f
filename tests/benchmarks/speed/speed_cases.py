"""A comparison for tests, and rows as the harness writes them."""

from explorer.benchmarks.speed import Comparison


class Fake(Comparison):
    """Count sheep."""

    name, against, packages, unit = "fake", "a shepherd", ("numpy",), "sheep"
    goal, size, small = 2.0, 100, 5

    def ours(self, size, clock):
        with clock:
            sum(range(10_000))
        return {"n": size, "core_seconds": 1.0}

    def peer(self, size, clock):
        with clock:
            sum(range(10_000))
        return {"n": size, "core_seconds": 4.0, "checks": {"accuracy": 0.5}}


def side(n, core_seconds, **more):
    return {"n": n, "core_seconds": core_seconds, "seconds": core_seconds, "versions": {}, **more}


def row(comparison="knn", size=10, ratios=(3.0,), goal=2.0, **more):
    """A row whose pairs have these ratios: ours does 12 in a core-second."""
    pairs = [
        {"load": float(k), "ours": side(12, 1.0), "peer": side(12, times, versions={"scikit-learn": "1.9.1"})}
        for k, times in enumerate(ratios)
    ]
    about = {"comparison": comparison, "title": "Find the nearest", "size": size, "unit": "queries", "goal": goal}
    where = {"hardware": "a machine", "torch": "2.0", "python": "3.11", "peer": "KNN", "date": "2026-11-27T10:00:00"}
    return {**about, **where, "pairs": pairs, **more}
