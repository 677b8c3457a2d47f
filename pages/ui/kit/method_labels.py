"""What methods are called, in which order, and which hyperparameters of a training they need. This imports torch."""

import re

from explorer.core import Method
from explorer.methods import METHODS

FAMILIES = ("reference", "classical", "autoencoder", "pretext", "contrastive")  # others follow
NETWORK = ("encoder", "width", "pooling")
STEPS = ("epochs", "batch", "optimizer", "lr", "schedule", "weight_decay", "half_resolution", "precision", "devices")


def ordered() -> list[str]:
    """The names of all methods, one family after another, in each by title."""

    def place(name: str) -> tuple[int, str, str]:
        info = METHODS[name].info
        known = FAMILIES.index(info.family) if info.family in FAMILIES else len(FAMILIES)
        return known, info.family, info.title.lower()

    return sorted(METHODS, key=place)


def label(name: str) -> str:
    """What a method is called in a list: its title and its family, both of which a search finds."""
    info = METHODS[name].info
    return f"{info.title}  ·  {info.family}"


def titled(name: str, sentence: str) -> str:
    """A sentence about a method, such as a refusal, with its title in the place of its name in the code."""
    return re.sub(rf"^{re.escape(name)}\b", lambda _: METHODS[name].info.title, sentence)


def idle(cls: type[Method]) -> tuple[str, ...]:
    """The hyperparameters of a training that do nothing for this method."""
    names = [] if cls.uses_encoder else [*NETWORK]
    names += [] if cls.can_train() else STEPS
    names += [] if cls.any_size else ["half_resolution"]
    return tuple(dict.fromkeys(names))


def why_idle(cls: type[Method]) -> str:
    """Why some hyperparameters of a training are not offered, in a sentence; empty where all are."""
    parts = [] if cls.uses_encoder else ["has its own model, so no encoder can be chosen"]
    if not cls.can_train():
        parts.append("is solved without gradient steps, so it has no batch size or learning rate")
    return f"{cls.info.title} {'; it '.join(parts)}." if parts else ""
