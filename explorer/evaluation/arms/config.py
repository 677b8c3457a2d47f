"""The options of a transfer, each described once, and the presets that set several of them. Torch-free."""

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from explorer.config import Config
from explorer.errors import choose
from explorer.evaluation.arms import registry

DEFAULT = ("frozen", "finetune", "scratch")
AXIS = ("1", "5", "10", "50", "1%", "10%", "100%", "all")  # that a form offers
AMOUNT = re.compile(r"all|[1-9]\d{0,6}|(?:\d{1,2}(?:\.\d+)?|100(?:\.0+)?)%")
TUTORIAL = {
    "labels": ("all",), "epochs": 15, "batch": 4, "optimizer": "sgd", "lr": 1e-3, "head_lr": 1e-3,
    "augment": True, "head": "replaced", "keep": "best",
    "train_on_validation": True,
}  # fmt: skip
PRESETS: dict[str, dict[str, Any]] = {"": {}, "tutorial": TUTORIAL}
SHIFTED = frozenset({"labels_per_class", "labels"})  # two spellings of one thing: either replaces that of a preset


class TransferConfig(Config):
    """Options of a transfer."""

    arms: tuple[str, ...] = Field(
        DEFAULT,
        min_length=1,
        description="ways to use the encoder: frozen, fine-tuned, from scratch, and others between them",
        json_schema_extra=lambda schema: schema.update(items={"type": "string", "enum": [*registry.titles()]},
                                                       titles=registry.titles()),
    )  # fmt: skip
    labels_per_class: int = Field(10, ge=1, le=5000, description="labelled images per class")
    labels: tuple[str, ...] = Field(
        (),
        description="several amounts of labels, as an axis: images per class, shares of the training images (10%) or "
        "all; none chosen = labels_per_class alone",
        json_schema_extra={"items": {"type": "string", "enum": list(AXIS)}},
    )
    seeds: int = Field(
        1, ge=1, le=20, description="repeats: each draws its own labels, initial weights and order, and gives intervals"
    )
    epochs: int = Field(30, ge=1, le=500, description="epochs: passes over the labelled images")
    batch: int = Field(32, ge=2, le=1024, description="images per training step")
    optimizer: Literal["adam", "sgd"] = Field("adam", description="optimizer (SGD has momentum 0.9)")
    lr: float = Field(1e-3, gt=0, le=1, description="learning rate of the encoder")
    head_lr: float = Field(1e-2, gt=0, le=1, description="learning rate of the linear classifier")
    schedule: Literal["constant", "step"] = Field(
        "constant", description="learning rates over the epochs: constant, or a tenth after every 7 epochs (step)"
    )
    last_blocks: int = Field(1, ge=1, le=100, description="blocks that the variant 'last blocks' trains")
    rank: int = Field(4, ge=1, le=64, description="rank r of LoRA's updates B A")
    augment: bool = Field(
        False, description="random resized crops (8 to 100 % of the area) and flips of the training images"
    )
    draws: int = Field(
        4, ge=1, le=500, description="augmented draws of each image that are stored where the encoder is frozen"
    )
    head: Literal["standardised", "replaced"] = Field(
        "standardised",
        description="the new classifier: a linear layer on standardised features, or the network's own last layer "
        "replaced by one for these classes",
    )
    keep: Literal["last", "best"] = Field(
        "last", description="weights that are tested: of the last epoch, or with the best validation accuracy"
    )
    train_on_validation: bool = Field(
        False, description="train on the validation images, too; then the test images are watched in every epoch"
    )
    watch_source: bool = Field(
        False, description="measure after every epoch what the encoder still knows of the data it was trained on"
    )
    preset: Literal["", "tutorial"] = Field(
        "", description="a whole protocol: tutorial = PyTorch's transfer learning tutorial; other options go before it"
    )
    seed: int = Field(
        0, ge=0, lt=2**31, description="seed of the labelled images, the classifier's initial weights and the order"
    )

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, given: Any) -> Any:
        """`labels_per_class` may say what `labels` does: all, 10%, or several amounts; a preset fills in the rest."""
        if not isinstance(given, dict):
            return given
        amount = given.get("labels_per_class")
        if isinstance(amount, str | list | tuple) and not str(amount).isdecimal():
            parts = amount.split(",") if isinstance(amount, str) else amount
            given = {**given, "labels": tuple(str(part).strip() for part in parts)}
            del given["labels_per_class"]
        preset = PRESETS.get(given.get("preset", ""), {})
        if not SHIFTED.isdisjoint(given):
            preset = {name: value for name, value in preset.items() if name not in SHIFTED}
        return {**preset, **given}

    @field_validator("arms")
    @classmethod
    def _known(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        for name in arms:
            choose("arm", name, registry.ARMS)
        return tuple(dict.fromkeys(arms))

    @field_validator("labels")
    @classmethod
    def _amounts(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        for amount in labels:
            if not AMOUNT.fullmatch(amount) or amount.rstrip("%").strip("0.") == "":
                raise ValueError(f"'{amount}' is no amount of labels: give images per class (10), a share (10%) or all")
        return tuple(dict.fromkeys(labels))

    @property
    def amounts(self) -> tuple[str, ...]:
        """The amounts of labels that are asked for: images per class, a share of the images, or all."""
        return self.labels or (str(self.labels_per_class),)

    @property
    def cells(self) -> int:
        """How many trainings that are."""
        return len(self.amounts) * self.seeds * len(self.arms)

    def rate(self, epoch: int) -> float:
        """What all learning rates are multiplied with in this epoch (1 is the first)."""
        return 0.1 ** ((epoch - 1) // 7) if self.schedule == "step" else 1.0
