"""What a page of a test shows in its charts."""

import gzip
import json
from typing import Any

from pages.ui.kit import content


def figure(address: str) -> dict[str, Any]:
    """The figure that a browser fetches from this address."""
    kept = content.store().get(address.removeprefix("/content/"))
    return json.loads(gzip.decompress(kept.body) if kept.packed else kept.body)


def messages(at) -> dict[str, dict[str, Any]]:
    """What is sent for each chart of a page, by its key, in the order of the page."""
    elements = [it.proto for it in at.get("bidi_component")]
    charts = [it for it in elements if it.component_name == "unfold_chart"]
    return {it.id.split("-", 2)[2]: json.loads(it.json) for it in charts}


def figures(at) -> dict[str, dict[str, Any]]:
    """The figures on a page that show data, by key; those that say what is waited for are no figures yet."""
    return {key: figure(message["figure"]) for key, message in messages(at).items() if not message["waiting"]}


def lines(at) -> dict[str, list[str]]:
    """The names of the lines of each figure, by its key."""
    return {key: [trace.get("name") for trace in it["data"]] for key, it in figures(at).items()}
