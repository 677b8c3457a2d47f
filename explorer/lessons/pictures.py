"""The live pictures that a step of a lesson can show: what is named, and nothing of how it is drawn."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from explorer.lessons.sources import Number

Settings = dict[str, str | list[str]]  # hyperparameters by name, as they were written
Models = Annotated[tuple[str, ...], Field(min_length=1, max_length=4)]


class Part(BaseModel, frozen=True, extra="forbid"):
    """A part of a lesson: a name that it does not know is refused."""


class Unfolding(Part):
    """The map of a model through its training, with a slider over its steps, and its kNN accuracy."""

    picture: Literal["unfolding"]
    model: str


class Maps(Part):
    """Maps of models side by side: of several models by one projection, or of one by several."""

    picture: Literal["maps"]
    models: Models
    data: str
    how: Annotated[tuple[str, ...], Field(min_length=1, max_length=4)] = ("tsne",)
    seeds: Annotated[tuple[int, ...], Field(min_length=1, max_length=4)] = (0,)
    neighbours: Annotated[tuple[int, ...], Field(min_length=1, max_length=4)] = (10,)
    numbers: bool = True  # below each map; not where a question asks for them


class Reconstructions(Part):
    """Images and what autoencoders make of them, without the error, which a question may ask for."""

    picture: Literal["reconstructions"]
    models: Models
    data: str


class Views(Part):
    """What a method makes of an image before the network sees it, for one or several settings."""

    picture: Literal["views"]
    method: str
    data: str
    settings: Annotated[tuple[Settings, ...], Field(min_length=1, max_length=4)] = ({},)


class Neighbours(Part):
    """The nearest neighbours of an image that the student chooses, in the representation of each model."""

    picture: Literal["neighbours"]
    models: Models
    data: str


class Curves(Part):
    """The kNN accuracy of models while they were trained."""

    picture: Literal["curves"]
    models: Models


class Scores(Part):
    """Models by one probe on the test images, as dots with intervals."""

    picture: Literal["scores"]
    models: Models
    number: Number = "knn"
    baselines: bool = True  # beside them: untrained, raw pixels, PCA


class Study(Part):
    """Arms of a study as dots: each seed, their mean, lowest to highest."""

    picture: Literal["study"]
    study: str
    data: str
    arms: Annotated[tuple[str, ...], Field(min_length=1, max_length=12)]
    number: Number = "knn"


Show = Annotated[
    Unfolding | Maps | Reconstructions | Views | Neighbours | Curves | Scores | Study, Field(discriminator="picture")
]
