"""Whether features are numbers at all: asked before anything is measured of them. Numpy only."""

import numpy as np

from explorer.errors import Refused


def check_finite(ref: str, features: np.ndarray) -> None:
    """Raises `Refused` where some of the features `[N, D]` of a model are infinite, or no numbers."""
    bad = int((~np.isfinite(np.asarray(features)).all(1)).sum())
    if bad:
        some = f"the features of {bad:,} of {len(features):,} images are not finite in {ref}"
        raise Refused(f"{some}: train it with a lower learning rate, or name another model")
