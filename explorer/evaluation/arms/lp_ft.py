"""LP-FT, Kumar et al. 2022, arXiv:2202.10054: fine-tuning from a random classifier distorts good features."""

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm


@arm("Probe, then fine-tune", order=5)
class LpFt(Arm):
    """First the linear classifier alone is trained (linear probing), then everything from there (fine-tuning)."""

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """The first half of the epochs probes, and the rest fine-tunes; a single epoch fine-tunes."""
        return [0.0 if epoch <= cfg.epochs // 2 else cfg.lr] * blocks
