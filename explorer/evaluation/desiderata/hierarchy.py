"""Are classes near each other that belong together?"""

from itertools import combinations

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import class_tree
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum

LEAST, SHUFFLES = 4, 2000  # classes; permutations of them
TINY = 1e-12


@desideratum(
    "Hierarchy", order=7, source="cophenetic correlation: Sokal and Rohlf 1962, doi:10.2307/1217208",
    numbers={
        "cophenetic": Number("cophenetic correlation", "correlation, over pairs of classes, of the heights at "
                             "which the features' dendrogram and the given tree join them"),
        "p": Number("p of that correlation", "share of 2,000 permutations of the classes that agree as well", "lower"),
    },
)  # fmt: skip
def hierarchy(subject: Subject) -> Found:
    """Are classes near each other that belong together?"""
    if not subject.tree:
        raise Refused("no tree of these classes is known: give one, such as ((cat, dog), (car, truck))")
    tree = class_tree.parse(subject.tree)
    names = class_tree.leaves(tree)
    present = set(np.unique(subject.bank.y).tolist())
    if unknown := [name for name in names if name not in subject.classes]:
        raise Refused(f"no class '{unknown[0]}' for the tree; choose from {', '.join(subject.classes)}")
    labels = [k for k in map(subject.classes.index, names) if k in present]
    if len(labels) < LEAST:
        raise Refused(f"a tree of {len(labels)} classes says nothing: it takes at least {LEAST}")
    given = class_tree.heights(tree, [subject.classes[k] for k in labels])
    z = np.asarray(subject.bank.z, np.float64)
    means = np.stack([z[subject.bank.y == k].mean(0) for k in labels])
    ours = dendrogram(means)
    if given.std() < TINY or np.ptp(ours) < TINY:
        flat = "the tree joins all classes at one height" if given.std() < TINY else "all class means are the same"
        raise Refused(f"{flat}: there is no hierarchy to compare")
    value = correlation(ours, given)
    pairs = list(combinations(range(len(labels)), 2))
    square = np.zeros((len(labels), len(labels)))
    for (i, j), height in zip(pairs, given, strict=True):
        square[i, j] = square[j, i] = height
    rng = np.random.default_rng((subject.seed, 13))
    first, second = np.array(pairs).T
    orders = (rng.permutation(len(labels)) for _ in range(SHUFFLES))
    others = np.array([correlation(ours, square[order[first], order[second]]) for order in orders])
    p = (1 + int((others >= value - 1e-9).sum())) / (1 + SHUFFLES)
    joined = [{"classes": [subject.classes[labels[i]], subject.classes[labels[j]]], "height": float(height)}
              for (i, j), height in zip(pairs, ours, strict=True)]  # fmt: skip
    return Found({"cophenetic": value, "p": p}, {"joined": joined})


def dendrogram(means: np.ndarray) -> np.ndarray:
    """The heights at which average linkage joins each two of K class means `[K, D]`, `[K (K - 1) / 2]`."""
    from scipy.cluster.hierarchy import average, cophenet
    from scipy.spatial.distance import pdist

    return cophenet(average(pdist(means)))


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's."""
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), TINY))
