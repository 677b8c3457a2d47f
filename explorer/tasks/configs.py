"""The options of jobs that look at a model: maps, evaluations, stored features."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from explorer import choose
from explorer.core import Config
from explorer.data.dataset import PROBE_ROWS
from explorer.evaluation.projections import PROJECTIONS


class MapConfig(Config):
    """Hyperparameters of a map."""

    how: str = Field(description="the projection", json_schema_extra={"enum": list(PROJECTIONS)})
    n: int = Field(
        PROBE_ROWS, ge=8, le=PROBE_ROWS, description="points, balanced over classes; fewer where the data has fewer"
    )
    neighbours: int = Field(
        10,
        ge=2,
        le=(PROBE_ROWS - 2) // 3,
        validate_default=True,  # a small n may not allow it
        description="neighbours of each point that the projection looks at",
    )
    seed: int = Field(0, ge=0, lt=2**31, description="start of everything random")

    @field_validator("how")
    @classmethod
    def _known(cls, how: str) -> str:
        choose("projection", how, PROJECTIONS)
        return how

    @field_validator("neighbours")
    @classmethod
    def _few(cls, neighbours: int, info: ValidationInfo) -> int:
        n = info.data.get("n", PROBE_ROWS)
        if 3 * neighbours + 2 > n:  # t-SNE's perplexity of three times as many needs that many points
            raise ValueError(f"{n} points allow 2 to {(n - 2) // 3}")
        return neighbours


class EvaluateConfig(Config):
    """Hyperparameters of an evaluation."""

    labels: int = Field(10_000, ge=2, description="training images with labels, balanced over classes")


class EmbedConfig(Config):
    """Hyperparameters of stored features."""

    split: Literal["train", "validation", "test"] = Field("test", description="the images whose features are stored")
    n: int = Field(0, ge=0, description="images, balanced over classes; 0 = all")
