"""How far a map has come that is being optimised: its newest picture in the place of the map."""

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.runs import Run
from explorer.tasks import map_film, map_rows
from explorer.tasks.task import TASKS
from pages.ui.kit import figures, point_map
from pages.ui.kit.point_map import Colouring

SIZE = 3.5  # pixels of a point


def show(run: Run, dataset: DataSet, height: int) -> None:
    """The newest picture of a running job, coloured by class; nothing before the first."""
    found = map_film.newest(run)
    if found is None:
        return
    cfg = TASKS["map"].config(run.spec)
    y = _labels(dataset.name, dataset.hash, cfg.n, cfg.split, cfg.label)
    if len(y) != len(found.coords):
        return
    by_class = Colouring("class", y, tuple(dataset.classes))
    made = point_map.figure(point_map.quantised(found.coords), by_class, np.arange(len(y)), size=SIZE, height=height)
    made.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    alt = f"{len(y):,} points after step {found.step:,}, coloured by class"
    figures.show(made, f"film-{run.id}", alt, tools=False)


@st.cache_data(show_spinner=False, max_entries=16)
def _labels(name: str, hash: str, n: int, split: str, label: str) -> np.ndarray:
    return map_rows.choose_rows(data.load(name), n, split, label).y
