"""The trap of a transfer from ImageNet: what the untouched network names by itself, and the classes it has learned."""

from typing import TYPE_CHECKING, Any

from explorer.data import DataSet
from explorer.evaluation.imagenet import overlap

if TYPE_CHECKING:
    from explorer.models.model import Model


def measured(model: "Model", dataset: DataSet) -> dict[str, Any]:
    """Its accuracy on the test images as `own_head`; nothing where it, or ImageNet, does not know the classes."""
    from explorer.evaluation.own_head import own_head

    found = own_head(model, dataset)
    return {"own_head": found.scores()} if found else {}


def said(model: "Model", dataset: DataSet) -> list[str]:
    """Which of the classes ImageNet contains, beside the scores of a network that has learned them there."""
    return [*filter(None, [overlap(dataset.name, dataset.classes)])] if model.knows_imagenet else []
