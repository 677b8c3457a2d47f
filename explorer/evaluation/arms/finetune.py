"""Fine-tuning of the whole network, as in Girshick et al. 2014, arXiv:1311.2524, and in nearly all papers since."""

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm


@arm("Fine-tuned", order=2)
class Finetune(Arm):
    """Encoder and linear classifier are trained, starting from the encoder's weights."""

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """All blocks learn, equally fast, from the first epoch on."""
        return [cfg.lr] * blocks
