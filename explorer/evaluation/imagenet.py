"""Which classes of a data set are classes of ImageNet: a network that learned those has nothing left to learn of them.

Torch-free for the data sets that are known; for others, whoever has torch says what ImageNet's classes are called.
"""

from collections.abc import Sequence

Counterparts = dict[str, tuple[int, ...]]  # a class, and the numbers of ImageNet's classes that are kinds of it

GARMENTS: Counterparts = {
    "T-shirt/top": (610,), "Trouser": (608,), "Pullover": (474, 841), "Dress": (578, 601, 689),
    "Coat": (568, 617, 869), "Sandal": (774,), "Sneaker": (770,), "Bag": (414, 636, 748), "Ankle boot": (514,),
}  # fmt: skip
KNOWN: dict[str, Counterparts] = {
    "hymenoptera_data": {"ants": (310,), "bees": (309,)},
    "cifar10": {  # deer are missing: ImageNet has antelopes alone
        "airplane": (404, 895),
        "automobile": (407, 436, 468, 511, 609, 627, 656, 661, 751, 817),
        "bird": (*range(7, 25), *range(80, 101), *range(127, 147)),
        "cat": tuple(range(281, 286)),
        "dog": tuple(range(151, 269)),
        "frog": (30, 31, 32),
        "horse": (339,),
        "ship": (403, 484, 510, 554, 625, 628, 724, 780, 814, 871, 914),
        "truck": (555, 569, 675, 717, 864, 867),
    },
    "fashion_mnist": GARMENTS,
    "garments": GARMENTS,
    "digits": {}, "mnist": {}, "shapes": {},
}  # fmt: skip


def counterparts(dataset: str, classes: Sequence[str], names: Sequence[str] = ()) -> Counterparts:
    """The classes of a data set that are classes of ImageNet: as they are known, else by the `names` of the latter."""
    if dataset in KNOWN:
        return {name: KNOWN[dataset][name] for name in classes if name in KNOWN[dataset]}
    numbers = {_word(name): number for number, name in enumerate(names)}
    found = {name: numbers.get(_word(name), numbers.get(_word(name).removesuffix("s"))) for name in classes}
    return {name: (number,) for name, number in found.items() if number is not None}


def _word(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


def overlap(dataset: str, classes: Sequence[str]) -> str:
    """What has to be said beside a transfer from ImageNet to this data set; empty where nobody knows."""
    if dataset not in KNOWN:
        return ""
    inside = counterparts(dataset, classes)
    outside = [name for name in classes if name not in inside]
    if not inside:
        return "None of these classes is a class of ImageNet: a network that was trained on it has not learned them."
    if outside:
        some = f"{len(inside)} of the {len(classes)} classes are classes of ImageNet or groups of them"
        learned = "a network that was trained on it has learned them with labels"
        return f"{some}, and {learned}; it lacks {', '.join(outside)}."
    named = ", ".join(f"{name} ({', '.join(map(str, numbers))})" for name, numbers in inside.items())
    return (
        f"ImageNet contains these classes: {named}. A network that was trained on it has learned them with labels, so "
        "put a data set outside ImageNet beside this one: digits or shapes."
    )
