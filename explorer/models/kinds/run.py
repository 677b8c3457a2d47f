"""A training, own or shipped: at its last weights, at its best ones, or before its first step."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from explorer import descriptions, runs
from explorer.errors import Refused, choose
from explorer.models.kind import Kind, kind, ordered
from explorer.moments import moment
from explorer.runs import Run

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef

WEIGHTS = {"0": "before its first step", "best": "best weights", "last": "last weights"}
LAST_ALONE = "{0} has no best weights, only its last ones: name it without @best"
MOST = 20  # runs that a message names


@kind("Trained model", order=0)
class RunKind(Kind):
    """A run, own or shipped; it appears once it has ended and has weights."""

    prefixed = False
    several_weights = True
    first_weights = "0"
    made_from_data = False
    modality = None

    def spelled(self, ref: ModelRef) -> str:
        """A run's name needs no kind in front of it."""
        return f"{ref.name}@{ref.which}" if ref.which else ref.name

    def listed(self, dataset: str) -> list[tuple[str, str]]:
        """The runs on this data set, then those on others, newest first; of one title, each says when it was made."""
        trained = [run for run in runs.listing("train") if run.status.final and run.has_weights()]
        trained.sort(key=lambda run: run.spec.dataset != dataset)  # stable: newest first within each half
        alike = Counter(run.title for run in trained)
        return [(run.id, _title(run, alike[run.title] > 1)) for run in trained]

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """The title in the list, and which weights."""
        title = dict(self.listed(dataset)).get(ref.name)
        if title is None or ref.which not in ("", *WEIGHTS):
            return None
        return f"{title}, {WEIGHTS[ref.which]}" if ref.which else title

    def run(self, ref: ModelRef) -> Run | None:
        """The run, if it is still there."""
        return runs.find(ref.name)

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where there is no such training, or it has no weights."""
        run = known_run(ref.name)
        if run.spec.kind != "train":
            raise Refused(f"{run.id} is not a training but a job of the kind {run.spec.kind}: name a training")
        if ref.which and ref.which not in WEIGHTS:
            choices = ", ".join(f"{ref.name}@{which}" for which in WEIGHTS)
            raise Refused(f"no weights '{ref.which}' of {ref.name}: choose from {choices}")
        if ref.which == "best" and run.status.final and not run.has_weights("best") and run.has_weights("last"):
            raise Refused(LAST_ALONE.format(ref.name))
        if not run.has_weights("best" if ref.which == "best" else "last"):
            raise Refused(f"{ref.name} has no weights yet, it is {run.status.state}: choose another model, or wait")

    def origin(self, ref: ModelRef) -> str:
        """When it was made, and its step while it still learns."""
        run = known_run(ref.name)
        return run.spec.created if run.status.final else f"{run.spec.created} {run.status.step}"

    def can_train(self, ref: ModelRef) -> bool:
        """Whether its method has weights that a gradient moves; found without torch."""
        run = self.run(ref)
        method = descriptions.read().methods.get(run.spec.method) if run else None
        return method is None or method.trains

    def can_decode(self, ref: ModelRef) -> bool:
        """Whether its method has a decoder."""
        from explorer.core import METHODS

        run = self.run(ref)
        return bool(run) and run.spec.method in METHODS and METHODS[run.spec.method].can_decode()

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """The network with the newest intact weights that the reference names."""
        from explorer.models import weights

        return weights.load_run(ref, known_run(ref.name))


def known_run(name: str) -> Run:
    """The run of that name; raises `Refused` with all that can be looked at."""
    if run := runs.find(name):
        return run
    others = [name for each in ordered() for name in each.examples()]
    choices = dict.fromkeys([*others, *(run.id for run in runs.listing()[:MOST] if run.id != name)])
    return choose("model", name, choices)


def _title(run: Run, dated: bool) -> str:
    return f"{run.title} ({moment(run.created, seconds=True)})" if dated and run.created else run.title
