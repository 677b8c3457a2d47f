"""LoRA, Hu et al. 2021, arXiv:2106.09685: the weights W stay, a product of two thin matrices is learned, W + B A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm

if TYPE_CHECKING:
    from torch import nn


@arm("LoRA", order=6)
class Lora(Arm):
    """The encoder's weights stay fixed; low-rank updates B A of each weight matrix are trained, and the classifier."""

    keeps_statistics = True

    def prepare(self, encoder: nn.Module, cfg: TransferConfig) -> None:
        """Adapters on every weight matrix; B = 0, so the encoder begins as it was."""
        from explorer.nn.lora import adapt

        adapt(encoder, cfg.rank)

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """The adapters of all blocks learn, equally fast."""
        return [cfg.lr] * blocks
