"""Health: what a training's features say of it, label or no label, and a verdict in one word with its reason.

The meters take features `[N, D]` and are computed in numpy, so that a page can read a verdict without torch.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from explorer.evaluation import statistics
from explorer.evaluation.statistics import percent, points

# As rows call them.
METERS = ("rank", "spread", "alignment", "uniformity", "project_rank", "project_spread", "lidar")
TINY = 1e-12  # added where a length or a sum may be zero
DELTA = 1e-4  # what LiDAR adds to the scatter of views, as in the paper, and takes from that of images
ROUNDING = 1e-10  # share of the squared length: less scatter than this is rounding in single precision


# ------------------------------------------------------------------------------------------------ meters


def unit(z: np.ndarray) -> np.ndarray:
    """Each row of `z` `[N, D]` at length 1: what a cosine sees of it."""
    return z / (np.linalg.norm(z, axis=1, keepdims=True) + TINY)


def effective_rank(z: np.ndarray) -> float:
    """RankMe, Garrido et al. 2023, arXiv:2210.02885, eq. 1: how many directions the features `[N, D]` fill, 1 to D.

    exp(-sum_k p_k ln p_k) with p = s / |s|_1 of the singular values s. The features are not centred, as in the paper:
    a network that sends all images to one point then has rank 1; centred, what is left would be noise of any rank.
    """
    z = np.asarray(z, np.float64)
    gram = z.T @ z if z.shape[0] > z.shape[1] else z @ z.T  # its eigenvalues are s^2, at a fraction of the cost
    return _exp_entropy(np.sqrt(np.linalg.eigvalsh(gram).clip(0)))


def _exp_entropy(s: np.ndarray) -> float:
    """exp(-sum_k p_k ln p_k) with p = s / |s|_1: how many of these numbers count."""
    p = s / (s.sum() + TINY)
    return float(np.exp(-(p * np.log(p + TINY)).sum()))


def lidar(z: np.ndarray, delta: float = DELTA, floor: float = DELTA) -> float:
    """LiDAR, Thilak et al. 2023, arXiv:2312.04000: in how many directions images differ more than their views do.

    `z` `[n, q, D]` are the features of q augmented views of each of n images, each image a class of its own. With the
    mean mu_x of an image's views and the mean mu of all, the scatters are S_b = E[(mu_x - mu)(mu_x - mu)^T] and
    S_w = E[(z - mu_x)(z - mu_x)^T] + delta I. LiDAR is exp(-sum_k p_k ln p_k), where p are the eigenvalues of the LDA
    matrix S_w^(-1/2) S_b S_w^(-1/2), divided by their sum; 1 to D.

    The paper's definition is that of floor = 0. As it divides by the sum, it counts the directions of what is left in a
    collapse, however small: on digits, at unit length, 24 for a projection that had collapsed (BYOL without predictor
    and moving average) and 14 for BYOL itself. Here the eigenvalues of S_b are lowered by `floor` first, to 0 at least:
    less is no difference of images. LiDAR is 1 where none is left.
    """
    z = np.asarray(z, np.float64)
    of_images = z.mean(1)
    within, between = (z - of_images[:, None]).reshape(-1, z.shape[2]), of_images - of_images.mean(0)
    spread, directions = np.linalg.eigh(between.T @ between / len(between))
    root = directions * np.sqrt((spread - max(floor, ROUNDING * np.square(of_images).sum(1).mean())).clip(0))
    if not root.any():
        return 1.0
    sizes, axes = np.linalg.eigh(within.T @ within / len(within) + delta * np.eye(z.shape[2]))
    whitened = (axes / np.sqrt(sizes)).T @ root  # times its transpose, the LDA matrix on the axes of S_w
    return _exp_entropy(np.square(np.linalg.svd(whitened, compute_uv=False)))


def feature_std(z: np.ndarray) -> float:
    """Chen and He 2021, arXiv:2011.10566, sec. 4.1: mean over dimensions of the deviation of z / |z|, times sqrt(D).

    1 = the images lie all over the sphere, 0 = they all lie at one point of it.
    """
    return float(unit(z).std(0).mean() * np.sqrt(z.shape[1]))


def alignment(z1: np.ndarray, z2: np.ndarray) -> float:
    """Wang and Isola 2020, arXiv:2005.10242, sec. 4.1, alpha = 2: mean squared distance of two views `[N, D]`.

    On the sphere: 0 = the same point, 2 = at right angles.
    """
    return float(np.square(unit(z1) - unit(z2)).sum(1).mean())


def uniformity(z: np.ndarray, t: float = 2.0) -> float:
    """Wang and Isola 2020, sec. 4.1: ln of the mean of exp(-t |u_i - u_j|^2) over all pairs of different images.

    0 = all at one point of the sphere; -4 is about as evenly spread as many images in many dimensions get (t = 2).
    """
    u = unit(z)
    n = len(u)
    if n < 2:
        return 0.0
    squares = np.square(u).sum(1)  # 1, but for features that are all zero
    near = np.exp(-t * (squares[:, None] + squares - 2 * u @ u.T).clip(0))  # [N, N]
    np.fill_diagonal(near, 0)
    return float(np.log(near.sum() / (n * (n - 1)) + TINY))


# ----------------------------------------------------------------------------------------------- verdict

WARM = 30  # steps: before, every network sends all images to nearly one point, and most leave it by then
LATE = 200  # steps after which one that is still there with a loss of chance is not going to leave
ALIKE, ALL_ALIKE = 0.15, 0.02  # spread of a projection: below, images are hardly told apart; below, not at all
ALIKE_UNPROJECTED = 0.05  # spread of a representation that the loss sees as it is: features that are never negative
SOLVED, SMALL, NEARLY, FELL, STANDS = 0.95, 0.9, 0.8, 0.15, 0.03  # shares of the way down that a loss has gone
LAST = 3  # measurements in a row that must agree before a training is said to do harm
SPREADS = {"projection": "project_spread", "representation": "spread"}  # as rows call them

Rows = Sequence[Mapping[str, Any]]


class Verdict(NamedTuple):
    """How a training does (learning, shortcut, collapsed, nothing yet, too early, too few images, fitted), and why."""

    word: str
    reason: str
    of: str = ""  # what has collapsed: the projection or the representation


def verdict(rows: Rows) -> Verdict | None:
    """How a training does, from what it has written down so far; None where its health was never measured.

    A method that is solved in one step has no course to watch: it is fitted, for better or worse.
    """
    measured = [row for row in rows if "knn" in row and "watched" in row]
    if not measured:
        return None
    now = measured[-1]
    solved = any(row.get("solved") for row in rows)
    share = None if solved else way(rows)
    if solved and now["step"]:
        return Verdict("fitted", f"Solved in one step. {_accuracies(measured, 'random directions')}.")
    if now["watched"] < statistics.FEW:
        few = f"{now['watched']:,} validation images are too few for a verdict"
        return Verdict("too few images", f"{few}: it takes at least {statistics.FEW}.")
    if now["step"] < WARM:
        return Verdict("too early", f"A verdict comes with the first evaluation after {WARM} training steps.")
    if (what := _collapsed(now, share)) is not None:
        return Verdict("collapsed", _collapse(what, measured, share), what)
    if now["knn"] > measured[0]["knn"] + margin(measured):
        return Verdict("learning", f"{_accuracies(measured)}: a gain above the sampling error ({_margin(measured)}).")
    if _shortcut(measured, share, partly=_partly(rows)):
        fallen = f"The loss has fallen {percent(share)} of the way to its minimum without a gain"
        return Verdict("shortcut", f"{fallen}: {_accuracies(measured)}.")
    return Verdict("nothing yet", _nothing(measured, share))


def way(rows: Rows) -> float | None:
    """The share of its way down that the loss has gone: from chance, else its first value, to its floor, else zero.

    None without a loss, or for one that has no such way: it may fall below zero, or began there.
    """
    losses = [row.get("train_loss", row.get("loss")) for row in rows]
    losses = [loss for loss in losses if loss is not None]
    if not losses:
        return None
    now = next((row["train_loss"] for row in reversed(rows) if "train_loss" in row), losses[-1])
    top, floor = level(rows, "chance"), level(rows, "floor")
    top, end = losses[0] if top is None else top, floor or 0.0
    if top <= end or now < min(end, 0):
        return None
    return min((top - now) / (top - end), 1.0)


def level(rows: Rows, name: str) -> float | None:
    """A number that holds for the whole training, such as the loss of chance."""
    return next((row[name] for row in rows if row.get(name) is not None), None)


def margin(measured: Rows) -> float:
    """How far the kNN accuracies of the first and the last look differ by chance, at most: 95% of such differences.

    Both measurements ask the same images, so their difference varies less than that of two draws would.
    """
    return statistics.margin_of_difference(measured[-1]["knn"], measured[0]["knn"], int(measured[-1]["watched"]))


def _collapsed(now: Mapping[str, Any], share: float | None) -> str | None:
    """What has collapsed: that which the loss compares, if it is alike for all images; None if it is not."""
    what = "projection" if "project_spread" in now else "representation"
    alike = now.get(SPREADS[what], np.inf)
    small = share is not None and share > SMALL and alike < (ALIKE if what == "projection" else ALIKE_UNPROJECTED)
    at_chance = alike < ALL_ALIKE and now["step"] >= LATE and share is not None and share < STANDS
    return what if small or at_chance else None


def _collapse(what: str, measured: Rows, share: float) -> str:
    """What has collapsed, and whether the representation is still worth something."""
    now = measured[-1]
    end = ", and the loss stays at chance" if share < STANDS else ""
    compared = f"what the loss compares is alike for all images (feature spread {now[SPREADS[what]]:.2g}){end}"
    if what == "representation":
        return f"The representation has collapsed: {compared}."
    return f"The projection has collapsed: {compared}. {_representation(measured)}"


def _representation(measured: Rows) -> str:
    """Whether the representation has collapsed, too, in a sentence."""
    now, start = measured[-1], measured[0]
    if now.get("spread", np.inf) < ALIKE_UNPROJECTED:
        return f"So has the representation (feature spread {now['spread']:.2g})."
    n = now["watched"]
    return f"The representation has not: kNN {percent(now['knn'], n)}, untrained {percent(start['knn'], n)}."


def _shortcut(measured: Rows, share: float | None, partly: bool) -> bool:
    """Whether the task is solved and the neighbours did not gain by it, or the loss fell and they have clearly lost."""
    if share is None:
        return False
    now, start = measured[-1]["knn"], measured[0]["knn"]
    if share >= SOLVED and now < start + margin(measured) / 2:
        return True
    course = [each["knn"] for each in measured if each["step"] >= WARM]
    lost = len(course) >= LAST and max(course[-LAST:]) < start - margin(measured)
    return lost and not _recovers(course, start) and share >= (FELL if partly else NEARLY)


def _recovers(course: Sequence[float], start: float) -> bool:
    """Whether the neighbours win back what they had lost: a line through their course has risen by half of the gap."""
    steps = np.arange(len(course))
    slope, first = np.polyfit(steps, course, 1)
    rise = slope * steps[-1]
    return rise > (start - (first + rise)) / 2


def _partly(rows: Rows) -> bool:
    """Whether a part of the way down is already a lot: a task of telling apart, whose loss never comes near zero."""
    return level(rows, "chance") is not None and level(rows, "floor") is None


def _nothing(measured: Rows, share: float | None) -> str:
    """What keeps this from being learning."""
    if share is not None and share < STANDS:
        return "The loss has not fallen." if share > -STANDS else "The loss has risen above its first value."
    gain = measured[-1]["knn"] - measured[0]["knn"]
    than = "no gain above" if gain > -margin(measured) else "worse than before training, by more than"
    return f"{_accuracies(measured)}: {than} the sampling error ({_margin(measured)})."


def _accuracies(measured: Rows, before: str = "untrained") -> str:
    now, start = measured[-1], measured[0]
    n = now["watched"]
    return f"kNN accuracy {percent(now['knn'], n)} on {n:,} validation images, {before} {percent(start['knn'], n)}"


def _margin(measured: Rows) -> str:
    return f"± {points(margin(measured), measured[-1]['watched'])}"
