"""Looking on while a map is optimised: what is called, how often a film takes a picture, and how it is stopped."""

from collections.abc import Callable

import numpy as np

Watch = Callable[[int, int, np.ndarray], bool | None]  # (steps done, of all, coordinates [N, d]) -> True: stop here
FRAMES = 50  # of a film at most, its last picture aside
SIZE = 4_000_000  # bytes of a film at most, in half precision; it has at least 10 frames all the same


class Stopped(Exception):
    """Raised through a library that knows no stop; it carries how far the map has come."""

    def __init__(self, coords: np.ndarray) -> None:
        super().__init__()
        self.coords = coords


def frames(points: int, dims: int = 2) -> int:
    """How many pictures a film of so many points has."""
    return int(min(FRAMES, max(10, SIZE // (points * dims * 2))))


def is_taken(step: int, before: int, of: int, wanted: int) -> bool:
    """Whether a film of `wanted` pictures takes one at this step, after one at `before`.

    Half of them show the first fifth of the steps, in which most happens.
    """
    dense = of // 5
    spacing = dense / (wanted / 2) if step <= dense else (of - dense) / (wanted / 2)
    return step - before >= spacing
