"""What stands below the maps: new points, a selection, an axis, clusters, what one map is worth."""

from collections.abc import Mapping
from typing import Any

from explorer.data import DataSet
from pages.ui.sections import (
    embeddings_axis,
    embeddings_clusters,
    embeddings_colour,
    embeddings_decode,
    embeddings_new,
    embeddings_selection,
    embeddings_tiles,
    embeddings_trust,
)
from pages.ui.sections.embeddings_choice import Choice, Jobs
from pages.ui.sections.embeddings_new import Placed
from pages.ui.sections.embeddings_touch import Touch

Selection = tuple[str, list[int]]  # the map that it was drawn on, and the ids inside


def show(
    there: Jobs, choice: Choice, best: str, touch: Touch, selection: Selection, placed: Placed,
    options: Mapping[str, Any], dataset: DataSet, ref: str,
) -> None:  # fmt: skip
    """All of it, under the line that says where the maps come from."""
    some, (where, ids) = next(iter(there.maps.values())), selection
    embeddings_tiles.provenance(there, choice, ref, dataset)
    embeddings_decode.show(there.maps, dataset, ref)
    embeddings_new.show(touch.new, placed)
    if ids:
        embeddings_selection.show(where, ids, there.maps.get(where, some), touch.point, dataset)
    embeddings_axis.show(some, dataset, ref)
    clustered = embeddings_colour.best_known("cluster", there.maps.values(), dataset)
    embeddings_clusters.show(clustered, ref, dataset, options)
    embeddings_trust.show(best, choice.specs[best], dataset)
