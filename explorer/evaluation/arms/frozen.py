"""Frozen: feature extraction. Features that never change are computed once, and the classifier learns on them."""

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm


@arm("Frozen", order=1)
class Frozen(Arm):
    """Linear probe: the encoder's weights stay fixed; only a linear classifier is trained."""

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """No block ever learns."""
        return [0.0] * blocks
