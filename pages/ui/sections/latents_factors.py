"""Disentanglement where the factors are known: MIG, SAP, DCI, what each dimension follows, what nuisances are kept."""

from typing import Any

import numpy as np
import streamlit as st

from explorer.benchmarks.report import grid
from explorer.data import DataSet
from explorer.data.vectors import store
from explorer.evaluation import disentangling
from explorer.evaluation.desiderata import nuisances
from pages.ui.kit import messages
from pages.ui.runs import model_cache
from pages.ui.sections import latents as latents_section

LEARN, WIDE, ROWS = 1000, 64, 16  # images that are learned from; most dimensions; dimensions that are listed


def known(dataset: DataSet) -> bool:
    """Whether the factors of these images are known; columns that came along with vectors are none."""
    return bool(dataset.splits["validation"].factors) and store.ROW not in dataset.splits["validation"].factors


@st.cache_data(show_spinner="Measuring disentanglement", max_entries=16)
def measured(ref: str, stamp: str, _dataset: DataSet) -> dict[str, Any]:
    """All numbers of one model on validation images."""
    bank = _bank(ref, _dataset)
    split = _dataset.splits["validation"]
    factors = {name: values[bank.rows] for name, values in split.factors.items()}
    z = np.asarray(bank.codes, np.float64)
    found = disentangling.dci(z, factors)
    return {
        "mig": disentangling.mig(z, factors), "sap": disentangling.sap(z, factors), "dci": found._asdict(),
        "follows": disentangling.follows(z, factors), "kept": _kept(ref, _dataset, bank),
        "shared": [str(name) for name in factors], "n": len(z),
    }  # fmt: skip


def _bank(ref: str, dataset: DataSet) -> latents_section.Bank:
    """The codes of the same probe images for every model and machine: numbers of different images do not compare."""
    rows = np.sort(dataset.probe()[0])
    return latents_section.Bank(
        rows, np.asarray(model_cache.opened(ref, dataset).features(dataset, "validation", rows))
    )


def _kept(ref: str, dataset: DataSet, bank: latents_section.Bank) -> dict[str, float]:
    """R² of each factor that does not tell the class, read off the code by a line learned on training images."""
    rows = dataset.chosen("train", (), LEARN)[0]
    train, split = dataset.splits["train"], dataset.splits["validation"]
    codes = np.asarray(model_cache.opened(ref, dataset).features(dataset, "train", rows))
    learn = nuisances.nuisance_factors({k: v[rows] for k, v in train.factors.items()}, train.y[rows], None)
    ask = nuisances.nuisance_factors({k: v[bank.rows] for k, v in split.factors.items()}, split.y[bank.rows], None)
    return {name: nuisances.read_out(codes, learn[name], bank.codes, ask[name]) for name in ask if name in learn}


def draw(ref: str, dataset: DataSet, row: int) -> None:
    """A table for each factor and one for each dimension."""
    width = latents_section.bank(ref, dataset).codes.shape[1]
    if width > WIDE:
        messages.caption(f"A code of {width} dimensions is too wide to ask each of them: {WIDE} are the most.")
        return
    found = measured(ref, model_cache.stamp(ref, dataset), dataset)
    messages.prose(summary(found))
    dci = found["dci"]
    messages.facts({
        "MIG, mean over factors": f"{np.mean(list(found['mig'].values())):.3f}",
        "SAP, mean over factors": f"{np.mean(list(found['sap'].values())):.3f}",
        "DCI: disentanglement": f"{dci['disentanglement']:.3f}", "completeness": f"{dci['completeness']:.3f}",
        "informativeness": f"{dci['informativeness']:.3f}",
    })  # fmt: skip
    left, right = st.columns(2, gap="medium")
    with left:
        messages.caption("Each factor (higher: a dimension of its own; *kept*: R² of a line to a nuisance)")
        lines = [[name, f"{found['mig'][name]:.2f}", f"{found['sap'][name]:.2f}",
                  f"{found['kept'][name]:.2f}" if name in found["kept"] else "the class"]
                 for name in found["shared"]]  # fmt: skip
        st.markdown(grid(["factor", "MIG", "SAP", "kept"], lines))
    with right:
        messages.caption("The factor that each dimension follows, and the share of its entropy that it tells")
        order = sorted(range(width), key=lambda i: -found["follows"][i][1])[:ROWS]
        st.markdown(grid(["dimension", "follows", "share"], [
            [str(i), found["follows"][i][0] or "none", f"{found['follows'][i][1]:.2f}"] for i in order
        ]))  # fmt: skip
    latents_section.provenance(ref, dataset, trees=disentangling.TREES, measured=f"on {found['n']:,} images")


def summary(found: dict[str, Any]) -> str:
    """What is kept, and whether dimensions are about single factors."""
    kept = found["kept"]
    most = max(kept, key=kept.get) if kept else ""
    score = found["dci"]["disentanglement"]
    words = "Dimensions are about single factors" if score > 0.5 else "Dimensions mix factors"
    best = f"; of what does not matter for the class the code keeps {most} best (R² {kept[most]:.2f})" if most else ""
    return f"**{words}** (DCI disentanglement {score:.2f}){best}."
