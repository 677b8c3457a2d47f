"""Fine-tuning of the top alone, Yosinski et al. 2014, arXiv:1411.1792: early layers are general, late ones specific."""

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm


@arm("Last blocks", order=3)
class LastBlocks(Arm):
    """The linear classifier and the last k blocks of the encoder are trained; the blocks below stay fixed."""

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """The last k learn; where there are no more than k, all do."""
        return [cfg.lr if depth >= blocks - cfg.last_blocks else 0.0 for depth in range(blocks)]
