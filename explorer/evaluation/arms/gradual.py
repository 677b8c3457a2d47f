"""Gradual unfreezing with discriminative rates, ULMFiT: Howard & Ruder 2018, arXiv:1801.06146, sections 3.2 and 3.3."""

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm

DECAY = 2.6  # section 3.2: the rate of layer l - 1 is that of layer l divided by 2.6


@arm("Gradual unfreezing", order=4)
class Gradual(Arm):
    """The linear classifier is trained first, then the blocks below it thaw one after the other, the lowest slowest.

    The paper thaws one layer in each epoch. Here all have thawed by the middle of the training, however many there are.
    """

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """The block at the top learns at the rate of fine-tuning, each below it 2.6 times as slowly."""
        thawed = self.thawed(blocks, epoch, cfg.epochs)
        return [cfg.lr / DECAY ** (blocks - 1 - depth) if depth >= blocks - thawed else 0.0 for depth in range(blocks)]

    @staticmethod
    def thawed(blocks: int, epoch: int, epochs: int) -> int:
        """How many blocks learn: none in the first epoch of several, all from the middle on."""
        if epochs == 1:
            return blocks
        share = (epoch - 1) / max(1, epochs // 2)  # 0 in the first epoch, 1 in the middle
        return min(blocks, -int(-blocks * share // 1))  # rounded up: one thaws in every epoch, or more
