"""A classifier that was trained on ImageNet elsewhere: each of torchvision's, and EfficientNet-Lite0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import runs
from explorer.errors import Refused
from explorer.models.kind import Kind, kind
from explorer.models.pretrained import catalogue, places

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Architecture, Model
    from explorer.models.pretrained.catalogue import Weights
    from explorer.models.reference import ModelRef

UNTRAINED = "0"  # as of a run: before the first step


@kind("Pretrained on ImageNet", order=1)
class PretrainedKind(Kind):
    """By torchvision's own name: `resnet18`, `resnet50:IMAGENET1K_V2` (other weights), `resnet18@0` (none)."""

    prefixed = False
    several_weights = True
    first_weights = UNTRAINED
    made_from_data = False

    def argument(self, word: str, argument: str) -> str | None:
        """The name of the network, and of its weights where they are named."""
        if word not in catalogue.networks():
            return None
        return f"{word}:{argument}" if argument else word

    def spelled(self, ref: ModelRef) -> str:
        """The name needs no kind in front of it."""
        return f"{ref.name}@{ref.which}" if ref.which else ref.name

    def examples(self) -> tuple[str, ...]:
        """Those that are offered first."""
        return catalogue.SHORT

    def weights(self, ref: ModelRef) -> Weights:
        """The file that the reference is about; raises `Refused` where there is no such."""
        network, _, name = ref.name.partition(":")
        return catalogue.find(network, name)

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where a run has the same name, or there are no such weights, or they are not here."""
        network = ref.name.partition(":")[0]
        if runs.find(network):  # first: who made that run knows of no weights
            raise Refused(f"'{network}' is a pretrained network and a run of the same name: rename the run's folder")
        if ref.which not in ("", UNTRAINED):
            raise Refused(
                f"no weights '{ref.which}' of {ref.name}: choose {ref.name}, or {ref.name}@0 for first weights"
            )
        weights = self.weights(ref)
        if ref.which != UNTRAINED:
            places.needed(weights)

    def listed(self, dataset: str) -> list[tuple[str, str]]:
        """A few, where their weights are here; all others can be named."""
        offered = [catalogue.find(name) for name in catalogue.SHORT]
        return [(each.reference, _title(each)) for each in offered if places.find(each)]

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """The network, and whether it has learned anything."""
        weights = self.weights(ref)
        return f"{weights.title}, untrained" if ref.which == UNTRAINED else _title(weights)

    def origin(self, ref: ModelRef) -> str:
        """The file of weights that is here now."""
        return "" if ref.which == UNTRAINED else places.checksum(places.needed(self.weights(ref)))[:16]

    def knows_imagenet(self, ref: ModelRef) -> bool:
        """Unless it has its first weights."""
        return ref.which != UNTRAINED

    def can_train(self, ref: ModelRef) -> bool:
        """All its weights."""
        return True

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """The network with the weights of the reference."""
        from explorer.models.pretrained import build, opening

        self.check(ref)
        weights = self.weights(ref)
        bare = ref.which == UNTRAINED
        module = build.untrained(weights, 0) if bare else opening.opened(weights, places.needed(weights))
        return build.network(str(ref), self.titled(ref, ""), module)

    def architecture(self, ref: ModelRef) -> Architecture:
        """The network, also where its weights are not here."""
        from explorer.models.pretrained import build

        return build.hollow(self.weights(ref))


def _title(weights: Weights) -> str:
    return f"{weights.title}, ImageNet" if weights.first else f"{weights.title}, {weights.name}"
