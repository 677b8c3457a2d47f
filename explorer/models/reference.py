"""The names under which models can be looked at. Torch-free: a page lists them before anything heavy is imported."""

from collections import Counter
from datetime import datetime

from explorer import runs
from explorer.runs import Run

REFERENCES = {"pixels": "Raw pixels", "pca": "PCA of the pixels", "random": "Untrained encoder"}
WEIGHTS = {"0": "before its first step", "best": "best weights", "last": "last weights"}


def references(dataset: str) -> list[tuple[str, str]]:
    """What can be looked at on this data set, as (reference, title): its runs, other runs, what needs no training.

    A run appears once it has ended; of those that share a title, each says when it was made.
    """
    trained = [run for run in runs.listing("train") if run.status.final and run.has_weights()]
    trained.sort(key=lambda run: run.spec.dataset != dataset)  # stable: newest first within each half
    alike = Counter(run.title for run in trained)
    return [(run.id, _title(run, alike[run.title] > 1)) for run in trained] + list(REFERENCES.items())


def variant(ref: str, dataset: str) -> str | None:
    """The title of a reference to other weights of a listed run, or to another size of a listed kind; else None."""
    known = dict(references(dataset))
    name, _, which = ref.partition("@")
    if name in known and name not in REFERENCES and which in WEIGHTS:
        return f"{known[name]}, {WEIGHTS[which]}"
    kind, _, more = ref.partition(":")
    return f"{known[kind]}, {more}" if kind in ("pca", "random") and more else None


def _title(run: Run, dated: bool) -> str:
    return f"{run.title} ({datetime.fromtimestamp(run.created):%m-%d %H:%M:%S})" if dated and run.created else run.title
