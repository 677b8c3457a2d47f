"""The hyperparameters of augmentation, described once: a light crop, and what two views of an image may differ in."""

from typing import ClassVar

from pydantic import Field
from torch import Generator, Tensor

from explorer.augment import blur, colour_jitter, crop_flip
from explorer.core import MethodConfig, ablates

SIGMA = 2.0  # the largest standard deviation of a blur, in pixels
# At half the resolution: the factor of the smallest area, and the largest area; things then look nearly as large.
SMALL_CROPS = (0.5, 0.8)


def crop(x: Tensor, rng: Generator, least: float, flip: float, side: int) -> Tensor:
    """A crop and flip of each image, at its own resolution or at another side in pixels."""
    smaller, largest = SMALL_CROPS if side and least < 1 else (1.0, 1.0)
    return crop_flip(x, rng, smaller * least, flip, largest=largest, size=side)[0]


class Cropped(MethodConfig):
    """A light crop, for methods that ask about one view and compare none."""

    crops: ClassVar[bool] = True
    crop: float = Field(0.6, ge=0.05, le=1.0, description="smallest share of the area that a crop keeps; 1 = no crop")
    flip: float = Field(
        0.5, ge=0.0, le=1.0, description="probability of a horizontal flip; 0 where left and right have a meaning"
    )

    def cropped(self, x: Tensor, rng: Generator, side: int = 0) -> Tensor:
        """One draw for each image; at another side in pixels, if one is given."""
        return crop(x, rng, self.crop, self.flip, side)


class Distorted(MethodConfig):
    """What the distortion T of SimCLR may do to an image (arXiv:2002.05709, section 3 and appendix A)."""

    crops: ClassVar[bool] = True
    crop: float = Field(
        0.2, ge=0.05, le=1.0,
        description="smallest share of the area that a crop keeps; 1 = no crop (paper: 0.08, at 224 pixels)",
        json_schema_extra=ablates("both views show the whole image, so matching outlines is enough (a shortcut)", 1),
    )  # fmt: skip
    flip: float = Field(
        0.5, ge=0.0, le=1.0, description="probability of a horizontal flip; 0 where left and right have a meaning"
    )
    jitter: float = Field(
        0.5, ge=0.0, le=1.25, description="strength of the colour jitter; 0 = none",
        json_schema_extra=ablates("matching colours and brightness identifies crops of one image (a shortcut)", 0),
    )  # fmt: skip
    grey: float = Field(0.2, ge=0.0, le=1.0, description="probability of conversion to greyscale")
    blur: float = Field(
        0.0, ge=0.0, le=1.0, description="probability of Gaussian blur (paper: 0.5 at 224 pixels, none at 32)"
    )

    def draw(self, x: Tensor, rng: Generator, side: int = 0) -> Tensor:
        """One draw t ~ T for each image: crop, flip, colour, blur; at another side in pixels, if one is given."""
        return self.recolour(crop(x, rng, self.crop, self.flip, side), rng)

    def recolour(self, x: Tensor, rng: Generator) -> Tensor:
        """The part of T that leaves every pixel in its place: colour and blur."""
        x, _ = colour_jitter(x, rng, self.jitter, 0.8, self.grey)
        return blur(x, rng, SIGMA, self.blur)[0] if self.blur else x
