"""What a page of a test shows in its charts."""

import gzip
import json
from typing import Any

from pages.ui.kit import content


def figure(address: str) -> dict[str, Any]:
    """The figure that a browser fetches from this address."""
    kept = content.store().get(address.removeprefix("/content/"))
    return json.loads(gzip.decompress(kept.body) if kept.packed else kept.body)


def messages(at) -> list[dict[str, Any]]:
    """What is sent for each chart of a page, in its order."""
    elements = [it.proto for it in at.get("bidi_component")]
    return [json.loads(it.json) for it in elements if it.component_name == "unfold_chart"]


def figures(at) -> list[dict[str, Any]]:
    """The figures on a page, in its order."""
    return [figure(message["figure"]) for message in messages(at)]
