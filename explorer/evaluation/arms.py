"""The arms of a transfer: three ways to use an encoder, and the options of a comparison between them. Torch-free."""

from typing import Literal

from pydantic import Field

from explorer.config import Config

Arm = Literal["frozen", "finetune", "scratch"]
ARMS: dict[str, str] = {"frozen": "Frozen", "finetune": "Fine-tuned", "scratch": "From scratch"}


class TransferConfig(Config):
    """Options of a transfer."""

    arms: tuple[Arm, ...] = Field(
        ("frozen", "finetune", "scratch"),
        min_length=1,
        description="ways to use the encoder: frozen, fine-tuned, from scratch",
        json_schema_extra={"titles": dict(ARMS)},
    )
    labels_per_class: int = Field(10, ge=1, le=5000, description="labelled images per class")
    epochs: int = Field(30, ge=1, le=500, description="epochs: passes over the labelled images")
    batch: int = Field(32, ge=2, le=1024, description="images per training step")
    lr: float = Field(1e-3, gt=0, le=1, description="learning rate of the encoder (Adam)")
    head_lr: float = Field(1e-2, gt=0, le=1, description="learning rate of the linear classifier (Adam)")
    seed: int = Field(
        0, ge=0, lt=2**31, description="seed of the labelled images, the classifier's initial weights and the order"
    )
