"""Two sliders make a plane of decoded codes; arithmetic with the codes of three images."""

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import latent_points
from pages.ui.kit import messages, pictures
from pages.ui.runs import model_cache
from pages.ui.sections import latents as latents_section
from pages.ui.sections import latents_place

SIDE, REACH = 9, 3.0  # pictures on a side of the plane; standard deviations to either side


def sliders(ref: str, dataset: DataSet, row: int) -> None:
    """Two dimensions of one image's code, moved by sliders; the plane that they span, and the chosen point in it."""
    model, known = model_cache.opened(ref, dataset), latents_section.bank(ref, dataset)
    found, n = latents_section.dimensions(ref, dataset), known.codes.shape[1]
    code = model.embed(dataset.splits["validation"].x[row][None])[0]
    names = {int(i): f"dim {i}, {latents_section.told(found, i)}" for i in found.order}
    chosen, values = [], []
    for column, axis in zip(st.columns(2, gap="medium"), "xy"[:n], strict=False):
        with column:
            default = int(found.order[min("xy".index(axis), n - 1)])
            at = list(names).index(default)
            style = {"format_func": names.get, "key": f"plane-{axis}-{ref}"}
            chosen.append(st.selectbox(f"Dimension {axis}", list(names), at, **style))
            label = f"Along {axis}, standard deviations"
            values.append(st.slider(label, -REACH, REACH, 0.0, 0.25, key=f"slide-{axis}"))
    if len(set(chosen)) < len(chosen):
        messages.caption("Both are the same dimension: choose two different ones.")
        return
    deviation = known.codes.std(0)[chosen]
    moved = code.copy()
    moved[chosen] += deviation * np.array(values, np.float32)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _grid(model, code, chosen, deviation, values)
    with right:
        latents_place.show(ref, dataset, moved)
    latents_section.provenance(ref, dataset, around=f"image {row}")


def _grid(model: object, code: np.ndarray, chosen: list[int], deviation: np.ndarray, values: list[float]) -> None:
    """The plane, or a line of one dimension; the picture nearest to the sliders wears a frame."""
    steps = np.linspace(-REACH, REACH, SIDE)
    along = np.stack([it.ravel() for it in np.meshgrid(steps, steps[::-1])], 1) if len(chosen) > 1 else steps[:, None]
    codes = np.tile(code, (len(along), 1))
    codes[:, chosen] += (along * deviation).astype(np.float32)
    drawn = model.decode(codes)
    at = int(((along - np.array(values)) ** 2).sum(1).argmin())
    drawn = np.repeat(drawn, 3, 1) if drawn.shape[1] == 1 else drawn.copy()
    drawn[at][:, [0, -1], :] = drawn[at][:, :, [0, -1]] = np.array([230, 159, 0], np.uint8)[:, None, None]
    alt = f"Images decoded along dimensions {' and '.join(map(str, chosen))}; the framed one is nearest to the sliders"
    pictures.picture(pictures.mosaic(drawn, SIDE), alt, "framed: nearest to the sliders", "min(100%, 460px)")


def arithmetic(ref: str, dataset: DataSet, row: int) -> None:
    """The code of a, minus that of b, plus that of c; decoded, and the nearest real images."""
    model, split = model_cache.opened(ref, dataset), dataset.splits["validation"]
    most, first = len(split.y) - 1, _start(dataset, row)
    rows = [
        column.number_input(f"Image {name}", 0, most, first[i], key=f"sum-{name}")
        for i, (column, name) in enumerate(zip(st.columns(3, gap="small"), "abc", strict=True))
    ]
    images = np.stack([split.x[it] for it in rows])
    alts = [f"image {it}: {dataset.classes[split.y[it]]}" for it in rows]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        pictures.strip(images, [f"{sign}{name}" for sign, name in zip(("", "− ", "+ "), "abc", strict=True)], 88, alts)
    with right:
        latents_place.show(ref, dataset, latent_points.arithmetic(model.embed(images)).astype(np.float32))
    latents_section.provenance(ref, dataset, a=rows[0], b=rows[1], c=rows[2])


def _start(dataset: DataSet, row: int) -> list[int]:
    """An image, another of its class, and one of another class: what tells a from b, added to c."""
    y = dataset.splits["validation"].y
    same, other = np.flatnonzero(y == y[row]), np.flatnonzero(y != y[row])
    return [row, int(same[-1]), int(other[0]) if len(other) else row]
