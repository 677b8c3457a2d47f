"""An encoder with its first weights: what training must add to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.models.kind import Kind, kind

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef

ENCODER = "conv"


@kind("Untrained encoder", order=3)
class UntrainedKind(Kind):
    """An untrained encoder, `untrained` or `untrained:ENCODER`."""

    aliases = ("random",)

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where there is no such encoder."""
        if ref.name:
            from explorer.core import TrainConfig

            TrainConfig.read({"encoder": ref.name}, "training")

    def can_train(self, ref: ModelRef) -> bool:
        """All its weights."""
        return True

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """The encoder for this data set's images, drawn from seed 0."""
        from explorer.core import TrainConfig
        from explorer.models.build import untrained_encoder

        cfg = TrainConfig.read({"encoder": ref.name or ENCODER}, "training")
        return untrained_encoder(str(ref), f"Untrained {cfg.encoder}", dataset, cfg)
