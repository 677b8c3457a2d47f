"""Does interpolation in the code give meaningful images? Answered over many pairs, beside blending pixels and PCA."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import code_paths, latents, straying
from explorer.evaluation.straying import Space
from explorer.models.model import Model

BLEND, PCA, TRAINING = "blend", "pca", 4000  # pixel blend; PCA of equal size; training images at most
Say = Callable[[str], None]


def decoded(model: Model, kind: code_paths.Way, ends: np.ndarray, steps: int, codes: np.ndarray) -> np.ndarray:
    """The decoded ways `uint8 [n * steps, C, H, W]` between codes `ends` `[n, 2, D]`; `codes` are those of the data."""
    ways = np.concatenate([code_paths.way(kind, a, b, steps, codes) for a, b in ends])
    return model.decode(ways)


def measure(
    model: Model, control: Model, images: np.ndarray, training: np.ndarray, ends: np.ndarray,
    spaces: Sequence[tuple[str, straying.Embed]], steps: int = 9, say: Say = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """All ways between pairs `ends` `[n, 2]` of `images`, in each of the spaces; `control` is PCA of equal size.

    One half of the `training` images is what ways through the data run along, the other what all ways are measured to:
    a way that runs over the images it is measured to would be near them by construction.

    Raises `Refused` for a model without a decoder (what stands for its codes are real images, which never stray) or
    one whose codes are all the same.
    """
    _check(model)
    images, training = latents.shown(model, images), latents.shown(model, training)
    at, pair = np.unique(ends, return_inverse=True)
    pair = pair.reshape(ends.shape)
    along, bank = halves(training)
    codes, graph = model.embed(images[at]), model.embed(along)
    if np.ptp(graph, axis=0).max(initial=0) <= 1e-6 * max(float(np.abs(graph).max(initial=0)), 1e-12):
        raise Refused(f"the codes of {model.title} do not differ: choose a model that has not collapsed")
    drawn = {}
    for kind, title in code_paths.WAYS.items():
        say(f"drawing ways: {title}")
        drawn[kind] = decoded(model, kind, codes[pair], steps, graph)
    drawn[PCA] = latents.shown(model, decoded(control, "linear", control.embed(images[at])[pair], steps, graph))
    drawn[BLEND] = np.concatenate([latents.blends(*images[both], steps) for both in ends])
    found = {}
    for name, embed in spaces:
        say(f"measuring {name}")
        found[name] = _in_space(straying.space(name, embed, bank, images), drawn, ends, steps)
    return {"pairs": len(ends), "images": len(at), "steps": steps, "training": len(bank),
            "along": len(along), "dimensions": int(codes.shape[1]), "spaces": found}  # fmt: skip


def halves(training: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two random halves of training images `[N, C, H, W]`; images that are equal are in one half."""
    copies = np.unique(training.reshape(len(training), -1), axis=0, return_inverse=True)[1].reshape(-1)
    order = np.random.default_rng((seed, 29)).permutation(copies.max(initial=-1) + 1)
    first = np.isin(copies, order[: len(order) // 2])
    return training[first], training[~first]


def _in_space(where: Space, drawn: dict[str, np.ndarray], ends: np.ndarray, steps: int) -> dict[str, Any]:
    """The straying of each way between its ends, what it adds to that of its ends, and both against blend and PCA.

    `reach`: how far apart its ends are, over those of the blend: 0 = the way goes nowhere, and can add nothing.
    """
    points = {name: where.embed(images) for name, images in drawn.items()}
    strays = {name: straying.of_points(where, at) for name, at in points.items()}
    reach = {name: straying.reach(at, steps) / straying.reach(points[BLEND], steps) for name, at in points.items()}
    between = {name: straying.inner(values, steps) for name, values in strays.items()}
    added = {name: between[name] - straying.outer(values, steps) for name, values in strays.items()}
    found = {}
    for name, values in between.items():
        found[name] = {"stray": straying.mean_interval(values, ends), "reach": reach[name],
                       "added": straying.mean_interval(added[name], ends)}  # fmt: skip
        for other in (BLEND, PCA):
            if name not in (other, BLEND):
                less = straying.mean_interval(added[name] - added[other], ends)
                against = straying.compared(values, between[other], ends)
                found[name][f"against_{other}"] = against | {"added": less}
    return found


def _check(model: Model) -> None:
    if not model.can_decode:
        raise Refused(
            f"{model.title} has no decoder, and real images in its place never stray: choose a model with a decoder"
        )
