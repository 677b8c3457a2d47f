"""The frames of a shipped model: few moments, few rows, and the principal components that they have in common."""

import numpy as np

from explorer.evaluation import sphere
from explorer.evaluation.projections import scaled
from explorer.runs import Run

FRAMES, ROWS, COMPONENTS = 12, 500, 16  # at most
Frame = dict[str, np.ndarray]
PICTURES = "gallery_"  # how arrays with pictures begin


def slim(run: Run, pictures: bool) -> tuple[dict[int, Frame], dict[int, float]]:
    """The frames to keep by step, and the share of their variance that is kept; `pictures` keeps galleries, too."""
    whole = {step: run.frame(step) for step in evenly(run.frames(), FRAMES)}
    rows = first_of_each_class(next(iter(whole.values()))["y"], ROWS)
    features = {step: scaled(frame["features"][rows]) for step, frame in whole.items()}
    basis = common_basis(list(features.values()))
    shares = {
        step: round(float(((x @ basis) ** 2).sum() / max((x**2).sum(), 1e-12)), 4) for step, x in features.items()
    }
    slim = {step: _slim(frame, rows, features[step] @ basis, pictures) for step, frame in whole.items()}
    return {step: {**slim[step], **it} for step, it in _projections(whole, rows).items()}, shares


def _projections(whole: dict[int, Frame], rows: np.ndarray) -> dict[int, Frame]:
    """Where each frame's projection lies on the plane that all frames share, where there is one."""
    points = {step: sphere.opened(frame[sphere.STORED]) for step, frame in whole.items() if sphere.STORED in frame}
    plane = None
    for each in points.values():
        plane = sphere.plane(each, plane)
    on_plane = {step: sphere.on_plane(each, plane.axes)[rows] for step, each in points.items()}
    return {step: {sphere.STORED: on_plane[step].astype(np.float16)} if step in on_plane else {} for step in whole}


def _slim(frame: Frame, rows: np.ndarray, components: np.ndarray, pictures: bool) -> Frame:
    rest = {name: array for name, array in frame.items() if name.startswith("measure_")}
    rest |= {name: array for name, array in frame.items() if name.startswith(PICTURES) and pictures}
    kept = {"features": components.astype(np.float16), "rows": frame["rows"][rows], "y": frame["y"][rows]}
    return {**kept, **rest}


def evenly(steps: list[int], n: int) -> list[int]:
    """At most `n` of the steps, the first and the last among them."""
    return sorted({steps[round(i)] for i in np.linspace(0, len(steps) - 1, min(n, len(steps)))})


def first_of_each_class(y: np.ndarray, n: int) -> np.ndarray:
    """At most `n` positions of y [N], ascending, balanced over classes; the first rows, which have a gallery, stay."""
    turn = np.empty(len(y), np.int64)
    for label in np.unique(y):
        same = np.flatnonzero(y == label)
        turn[same] = np.arange(len(same))
    return np.sort(np.lexsort((y, turn))[:n])


def common_basis(features: list[np.ndarray]) -> np.ndarray:
    """The first principal components `[D, 16]` of all frames together; each frame counts the same."""
    covariance = sum(x.T.astype(np.float64) @ x for x in features)
    return np.linalg.eigh(covariance)[1][:, ::-1][:, :COMPONENTS].astype(np.float32)
