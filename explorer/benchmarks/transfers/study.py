"""What a study of transfers is made of: sources, arms, amounts of labels, and what all trainings have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from explorer.evaluation.arms import TransferConfig

AXES = frozenset({"arms", "labels", "labels_per_class", "seeds", "seed", "epochs", "preset"})  # not of the protocol
VERSION = 1  # another one as soon as code outside of the arms' files changes what a row means
MOST = 500  # epochs
OWN_HEAD = "own head"  # the arm of the network that names the classes of ImageNet, without any training


class Training(NamedTuple):
    """One training of a study, but for its seed; of `OWN_HEAD` there is none, and no labels."""

    source: str  # a model's reference
    arm: str
    labels: str  # images per class, a share of the training images, or all


@dataclass(frozen=True)
class Wave:
    """Trainings that are made before those of the next wave: all of these sources, arms and amounts."""

    sources: tuple[str, ...]
    arms: tuple[str, ...]
    labels: tuple[str, ...]

    def trainings(self) -> list[Training]:
        """Source by source, arms beside each other."""
        return [Training(source, arm, amount) for source, arm, amount in product(self.sources, self.arms, self.labels)]


@dataclass(frozen=True)
class TransferStudy:
    """A question, and the trainings that answer it.

    All trainings make about `steps` steps, however many labels they have: with as many epochs for all, two images would
    make two steps where thousands make a thousand. Nothing is chosen on test images: the last epoch's weights count.
    """

    name: str
    question: str
    dataset: str
    waves: tuple[Wave, ...]
    steps: int
    options: Mapping[str, Any] = field(default_factory=dict)  # of a transfer, that differ from its own defaults
    titles: Mapping[str, str] = field(default_factory=dict)  # of sources, where their reference says too little
    gap: tuple[str, str] | None = None  # labels that the first arm needs for the accuracy of the second
    note: str = ""

    def trainings(self) -> list[Training]:
        """All of them, once each, in the order in which they are made."""
        return list(dict.fromkeys(each for wave in self.waves for each in wave.trainings()))

    def plan(self, seeds: Sequence[int]) -> list[tuple[Training, int]]:
        """The same with their seeds: wave by wave and source by source, seeds in turn, which share their features."""
        pairs = [
            (each, seed)
            for wave in self.waves
            for source in wave.sources
            for seed in seeds
            for each in wave.trainings()
            if each.source == source and (each.arm != OWN_HEAD or seed == seeds[0])
        ]
        return list(dict.fromkeys(pairs))

    def amounts(self, source: str) -> list[str]:
        """The amounts of labels that are asked for of a source, the fewest first."""
        asked = {each.labels for each in self.trainings() if each.source == source and each.arm != OWN_HEAD}
        return sorted(asked, key=lambda amount: (amount == "all", int(amount) if amount.isdecimal() else 0))

    @property
    def sources(self) -> list[str]:
        """All of them, in their order."""
        return list(dict.fromkeys(each.source for each in self.trainings()))

    def protocol(self) -> dict[str, Any]:
        """What is the same for all trainings, as it stands in a row: rows of different ones are never compared."""
        options = TransferConfig(**self.options).model_dump(mode="json", exclude=AXES)
        return {"version": VERSION, "steps": self.steps, **options}

    def config(self, training: Training, seed: int, images: int) -> TransferConfig:
        """The options of a training on so many labelled images."""
        epochs = self.epochs(images)
        return TransferConfig(**self.options, arms=(training.arm,), labels=(training.labels,), seed=seed, epochs=epochs)

    def epochs(self, images: int) -> int:
        """Passes over so many images that make about `steps` steps of a batch; at least one."""
        batch = TransferConfig(**self.options).batch
        per_epoch = max(1, min(-(-images // batch), images // 2))
        return max(1, min(MOST, round(self.steps / per_epoch)))
