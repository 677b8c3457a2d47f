"""The network of the next transfer as blocks: which of them learn, and the cut of "last blocks"."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.data import DataSet
from pages.ui.kit import block_chain, messages
from pages.ui.runs import model_cache
from pages.ui.sections.transfer_words import ARMS

FIELD = "transfer.last_blocks"  # the widget of the form that says the same as the cut
OWN = ("lora",)  # arms that change the network before it learns
LABEL = "Cut: the blocks that the variant last blocks trains"


def show(ref: str, target: DataSet, options: Mapping[str, Any]) -> None:
    """The blocks with the cut, and how many numbers each of the chosen arms trains."""
    from explorer.evaluation.arms import TransferConfig

    cfg = TransferConfig.read(options, "transfer")
    found = _outline(ref, target, cfg.head)
    blocks = [tuple(block) for block in found.blocks]
    block_chain.chain("transfer-blocks", LABEL, blocks, found.head, cfg.last_blocks, _cut)
    if "last_blocks" not in cfg.arms:
        messages.caption(f"Add the variant {ARMS['last_blocks'][0]} to train from this cut on.")
    sizes = {arm: _outline(ref, target, cfg.head, arm, cfg.rank) if arm in OWN else found for arm in cfg.arms}
    messages.facts({ARMS[arm][0]: f"{sizes[arm].trainable(arm, cfg):,} trainable numbers" for arm in sizes})


def _cut(last: int) -> None:
    st.session_state[FIELD] = last


def _outline(ref: str, target: DataSet, head: str, arm: str = "finetune", rank: int = 0) -> Any:
    stamp = model_cache.stamp(ref, target)
    return _outlined(ref, target.name, target.size, len(target.classes), head, arm, rank, stamp)


@st.cache_data(max_entries=64, show_spinner=False)
def _outlined(ref: str, dataset: str, size: int, classes: int, head: str, arm: str, rank: int, stamp: str) -> Any:
    from explorer import data
    from explorer.evaluation.arms import TransferConfig
    from explorer.evaluation.transfer.outline import outline
    from explorer.models import loading

    network = loading.architecture(ref, data.load(dataset, size))
    return outline(network, classes, TransferConfig(head=head, **({"rank": rank} if rank else {})), arm)
