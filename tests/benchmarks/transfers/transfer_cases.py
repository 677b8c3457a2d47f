"""A small study of transfers on digits, and rows as its trainings would leave them."""

import numpy as np

from explorer.benchmarks.transfers import TransferStudy, Wave, rows

SMALL = TransferStudy(
    "transfer-small", "Is it so?", "digits",
    (Wave(("digits-simclr",), ("frozen",), ("1", "all")), Wave(("digits-simclr",), ("scratch",), ("1",))),
    steps=4, options={"batch": 400}, gap=("scratch", "frozen"),
)  # fmt: skip


def row(arm, labels, seed, right, source="digits-simclr", classes=2, n_train=None, study=SMALL):
    """A row, of the test images `right` `bool [N]` that were named rightly."""
    n = n_train or (int(labels) * classes if labels.isdecimal() else 200)
    return {
        "study": study.name, "dataset": study.dataset, "source": source, "arm": arm, "labels": labels, "seed": seed,
        "classes": classes, "protocol": study.protocol(), "data": "d", "weights": "w", "n_train": n,
        "n_test": len(right), "trainable": 10, "test_accuracy": float(np.mean(right)), "core_seconds": 1.0,
        "right": rows.packed(np.asarray(right, bool)), "hardware": "a machine", "torch": "2",
    }  # fmt: skip


def share(p, n=1000):
    """Of `n` images the first share named rightly."""
    return np.arange(n) < round(p * n)
