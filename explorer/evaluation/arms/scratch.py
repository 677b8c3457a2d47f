"""From scratch: what the labels alone give, without any pretraining. The baseline of every transfer."""

from explorer.evaluation.arms.config import TransferConfig
from explorer.evaluation.arms.registry import Arm, arm


@arm("From scratch", order=7)
class Scratch(Arm):
    """The same network is trained from random weights, on these labels alone."""

    pretrained = False

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """All blocks learn, equally fast, as in fine-tuning."""
        return [cfg.lr] * blocks
