"""The hyperparameters of methods and trainings, and which of their values are ablations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from explorer.config import Config
from explorer.core.data import DataSpec
from explorer.core.registry import ENCODERS
from explorer.errors import choose

LARGEST_BATCH = 8192


def ablates(
    why: str, *at: Any, least: float | None = None, most: float | None = None, beyond: str = ""
) -> dict[str, Any]:
    """For a hyperparameter's `json_schema_extra`: where it switches off what makes its method work, and what follows.

    At one of the values `at`, from `least` upwards, or up to `most`; there it is `beyond` that happens, if given.
    """
    return {"ablation": {"why": why, "at": list(at), "least": least, "most": most, "beyond": beyond or why}}


class MethodConfig(Config):
    """The hyperparameters of one method."""

    crops: ClassVar[bool] = False  # whether its views are crops, which come at any resolution that is asked for

    def warning(self, spec: DataSpec) -> str | None:
        """What these hyperparameters, though allowed, do on these images that nobody expects, and what to change."""
        return None

    def ablated(self) -> dict[str, str]:
        """The hyperparameters whose values are ablations, and what each switches off."""
        reasons = {}
        for name, field in type(self).model_fields.items():
            extra = field.json_schema_extra
            rule = extra.get("ablation") if isinstance(extra, dict) else None
            if rule and (why := _ablation_reason(rule, getattr(self, name))):
                reasons[name] = why
        return reasons

    def restored(self) -> MethodConfig:
        """The same hyperparameters with every ablated one at its default: those of the control run."""
        return self.model_copy(update={name: type(self).model_fields[name].default for name in self.ablated()})


def _ablation_reason(rule: Mapping[str, Any], value: Any) -> str:
    """What happens where a hyperparameter at this value breaks its method; empty where it does not."""
    if value in rule["at"]:
        return rule["why"]
    least, most = rule["least"], rule["most"]
    outside = (least is not None and value >= least) or (most is not None and value <= most)
    return rule["beyond"] if outside else ""


class TrainConfig(Config):
    """The hyperparameters of every training."""

    epochs: int = Field(5, ge=1, le=1000, description="passes over the training images")
    batch: int = Field(
        256,
        ge=2,
        le=LARGEST_BATCH,
        description="images per training step; those that fill no batch are left out, others in each epoch",
    )
    encoder: str = Field(
        "conv",
        description="network whose output is the representation",
        json_schema_extra=lambda schema: schema.update(enum=list(ENCODERS)),
    )
    width: float = Field(1.0, ge=0.25, le=4, description="width multiplier of the encoder's channels")
    pooling: int = Field(
        1,
        ge=1,
        le=4,
        description="means per side that the representation keeps of the feature map: 1 = one, 2 = one of each quarter",
    )
    optimizer: Literal["adam", "adamw", "sgd"] = Field("adamw", description="optimizer (SGD has momentum 0.9)")
    lr: float = Field(2e-3, gt=0, le=10, description="peak learning rate")
    schedule: Literal["constant", "cosine"] = Field(
        "cosine", description="learning rate over the run: constant, or a cosine schedule"
    )
    weight_decay: float = Field(1e-4, ge=0, le=1, description="weight decay (biases and norms excepted)")
    subset: int = Field(0, ge=0, le=10**9, description="training images used, balanced over classes; 0 = all images")
    classes: tuple[str, ...] = Field((), description="classes used; none chosen = all classes")
    size: int = Field(0, ge=0, le=512, description="height and width in pixels; 0 = original size")
    half_resolution: float = Field(
        0.0, ge=0.0, le=0.95,
        description="share of the steps, the first ones, on images of half the height and width (progressive "
        "resizing); such a step takes about a quarter of the time",
    )  # fmt: skip
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto = bfloat16 on a GPU, else float32"
    )
    devices: int = Field(
        1,
        ge=1,
        le=16,
        description="GPUs or processes that share each batch equally",
    )
    threads: int = Field(0, ge=0, le=256, description="processor threads; 0 = as many as the machine has")
    seed: int = Field(0, ge=0, lt=2**31, description="seed of all random choices")

    @field_validator("encoder")
    @classmethod
    def _known(cls, name: str) -> str:
        choose("encoder", name, ENCODERS)
        return name

    @field_validator("devices")
    @classmethod
    def _shared_equally(cls, devices: int, others: ValidationInfo) -> int:
        batch = others.data.get("batch", devices)
        if batch % devices:
            below, above = batch // devices * devices, (batch // devices + 1) * devices
            nearest = " or ".join(str(n) for n in (below, above) if 2 <= n <= LARGEST_BATCH)
            raise ValueError(f"{devices} devices cannot share a batch of {batch} equally: choose batch {nearest}")
        return devices
