"""A tree of classes as text, ((sneaker, sandal), (coat, shirt)), and the height at which it joins two of them."""

import re
from itertools import combinations

import numpy as np

from explorer.errors import Refused

Tree = str | tuple["Tree", ...]
KNOWN = {  # by data set
    "cifar10": "((airplane, (automobile, truck), ship), ((bird, frog), ((cat, dog), (deer, horse))))",
    "fashion_mnist": "(((T-shirt/top, Shirt, Pullover, Coat, Dress), Trouser), (Sandal, Sneaker, Ankle boot), Bag)",
}
KNOWN["garments"] = KNOWN["fashion_mnist"]
DEEPEST = 50


def parse(text: str) -> Tree:
    """The tree that a text spells; raises `Refused` with what is wrong."""
    words = [word.strip() for word in re.split(r"([(),])", text) if word.strip()]
    tree, rest = _node(words, 0)
    if rest or isinstance(tree, str):
        raise _refused(f"'{rest[0]}' follows the tree" if rest else "it is one class")
    names = leaves(tree)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _refused(f"'{twice[0]}' stands in it twice")
    return tree


def _node(words: list[str], depth: int) -> tuple[Tree, list[str]]:
    """The first tree of the words, and the words that are left."""
    if depth > DEEPEST:
        raise _refused(f"it is deeper than {DEEPEST}")
    if not words or words[0] in "),":
        raise _refused("a name or a '(' is missing")
    if words[0] != "(":
        return words[0], words[1:]
    parts, words = [], words[1:]
    while True:
        part, words = _node(words, depth + 1)
        parts.append(part)
        if not words or words[0] not in "),":
            raise _refused("a ')' is missing")
        closed, words = words[0] == ")", words[1:]
        if closed:
            return tuple(parts), words


def _refused(why: str) -> Refused:
    return Refused(f"that is no tree of classes, {why}: write it as ((cat, dog), (car, truck))")


def leaves(tree: Tree) -> list[str]:
    """The classes of a tree, from left to right."""
    return [tree] if isinstance(tree, str) else [name for part in tree for name in leaves(part)]


def heights(tree: Tree, names: list[str]) -> np.ndarray:
    """The height of the lowest node above each two of K classes, `[K (K - 1) / 2]`; a class has height 0."""
    found = dict(_joined(tree)[1])
    return np.array([found[frozenset(pair)] for pair in combinations(names, 2)], float)


def _joined(tree: Tree) -> tuple[int, list[tuple[frozenset[str], int]]]:
    """The height of a tree, and of each two classes in it the height at which they are joined."""
    if isinstance(tree, str):
        return 0, []
    below = [_joined(part) for part in tree]
    own = 1 + max(height for height, _ in below)
    parts = [leaves(part) for part in tree]
    across = [(frozenset((a, b)), own) for one, other in combinations(parts, 2) for a in one for b in other]
    return own, [pair for _, pairs in below for pair in pairs] + across
