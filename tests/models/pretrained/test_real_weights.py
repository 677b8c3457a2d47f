"""Real ImageNet weights on the tutorial's ants and bees: the figures that were measured before are those of today.

They need the data in EXPLORER_DATA, the extra, and the weights in EXPLORER_DATA, and are skipped where one is missing.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explorer import data
from explorer.models import loading
from explorer.models.pretrained import catalogue, places
from explorer.models.pretrained.places import packaged  # the tests' own folders hide it
from tests.source_cases import python

REAL = Path(os.environ.get("EXPLORER_TEST_DATA", "none"))
DRAWS = 10

pytestmark = pytest.mark.slow


@pytest.fixture
def real(monkeypatch):
    """The data root with real data, and the extra if it is installed."""
    if not (REAL / "hymenoptera_data").is_dir():
        pytest.skip("the tutorial's images of ants and bees are not in EXPLORER_DATA")
    monkeypatch.setenv("EXPLORER_DATA", str(REAL))
    monkeypatch.setattr(places, "packaged", packaged)


def features(name):
    """Features and labels of the 244 training and the 153 test images of the tutorial."""
    if not places.find(catalogue.find(name)):
        pytest.skip(
            f"the ImageNet weights of {name} are not here: python -m explorer fetch-weights says how to get them"
        )
    dataset, model = data.load("hymenoptera_data", 256), loading.load(name)
    z, y = ({split: found(dataset, split) for split in dataset.splits} for found in (model.features, labels))
    train = [np.concatenate([each["train"], each["validation"]]) for each in (z, y)]
    return *train, z["test"], y["test"]


def labels(dataset, split):
    return dataset.splits[split].y


def right(head, z, y, test_z, test_y):
    """How many test images a classifier names that is trained on features."""
    return int((head.fit(z, y).predict(test_z) == test_y).sum())


def few(y, n, seed):
    """Rows of n images of each class."""
    order = np.random.default_rng(seed).permutation(len(y))
    return np.concatenate([order[y[order] == label][:n] for label in np.unique(y)])


@pytest.mark.parametrize(("name", "c", "expected"), [("efficientnet_lite0", 1.0, 144), ("squeezenet1_0", 0.01, 144)])
def test_frozen_features_name_ants_and_bees_as_was_measured(name, c, expected, real):
    z, y, test_z, test_y = features(name)
    assert (len(y), len(test_y)) == (244, 153)
    found = right(make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=5000)), z, y, test_z, test_y)
    print(f"{name}, frozen, logistic regression, 244 labels: {found} of 153 ({found / 153:.3f})")
    assert abs(found - expected) <= 2
    for n in (1, 5, 10, 50):
        rows = [few(y, n, seed) for seed in range(DRAWS)]
        plain = LogisticRegression(max_iter=5000)  # two labels say nothing of a deviation
        shares = np.array([right(plain, z[at], y[at], test_z, test_y) / 153 for at in rows])
        print(f"{name}, {n} labels per class, {DRAWS} draws: {shares.mean():.3f} (deviation {shares.std(ddof=1):.3f})")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process has had at most")
@pytest.mark.parametrize("name", catalogue.SHORT)
def test_embedding_photographs_keeps_within_four_gigabytes(name):
    code = (
        "import re, numpy as np; from pathlib import Path; from explorer.models import loading;"
        f"loading.load('{name}@0').embed(np.zeros((100, 3, 256, 256), np.uint8));"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1])"
    )
    megabytes = int(python(code)) // 1024
    print(f"{name}: {megabytes} MiB at most")
    assert megabytes < 4096
