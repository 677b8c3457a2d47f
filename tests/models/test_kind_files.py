"""One file adds a kind of model: to the list of models, the command line, maps and pages."""

import json
import subprocess

import pytest

from tests.source_cases import python

KIND = '''"""Distances to the class means: a kind of model for a test."""

from explorer.models.kind import Kind, kind


@kind("Distances to class means", order=4)
class ClassMeansKind(Kind):
    """Distances to the mean training image of each class."""

    def load(self, ref, dataset):
        import numpy as np

        from explorer.models.model import Model

        train = dataset.splits["train"]
        flat = train.x.reshape(len(train.x), -1).astype(np.float32)
        means = np.stack([flat[train.y == k].mean(0) for k in range(len(dataset.classes))])

        class ClassMeans(Model):
            def embed(self, x, batch=500):
                images = np.asarray(x).reshape(len(x), 1, -1).astype(np.float32)
                return np.sqrt(((images - means) ** 2).sum(2))

        return ClassMeans(str(ref), self.title)
'''

PAGE = """
import sys
from explorer.models.reference import ModelRef, references
assert ("class_means", "Distances to class means") in references("digits")
assert ("class_means", "Distances to class means") in references("shapes")
ref = ModelRef.parse("class_means")
assert (str(ref), ref.can_train, ref.can_decode, ref.can_embed, ref.made_from_data) == (
    "class_means", False, False, True, True)
from pages.ui.runs import pickers
assert pickers.models("digits")["class_means"] == "Distances to class means"
assert list(pickers.models("digits"))[-1] == "class_means", "the last of what needs no training"
print([name for name in ("torch", "sklearn", "umap") if name in sys.modules])
"""


@pytest.fixture
def env(tmp_path):
    return {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}


def test_one_file_adds_a_kind_of_model(copy, env):
    (copy / "explorer/models/kinds/class_means.py").write_text(KIND)

    def answer(*words):
        return json.loads(python("-m", "explorer", *words, "--json", root=copy, env=env).splitlines()[-1])

    scores = answer("evaluate", "class_means", "digits")
    assert scores["dim"] == 10 and scores["knn"] > 0.8
    drawn = answer("map", "class_means", "digits", "--how", "pca", "--out", str(copy / "map.npz"))
    assert drawn["trustworthiness"] > 0.5
    assert python(PAGE, root=copy, env=env).strip() == "[]", "models are listed without torch"


def test_two_kinds_in_one_file_fail_loudly(copy, env):
    (copy / "explorer/models/kinds/class_means.py").write_text(KIND + KIND.replace("ClassMeansKind", "AgainKind"))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python("from explorer.models.kind import KINDS; list(KINDS)", root=copy, env=env)
    assert "two kinds of model are called 'class_means'" in caught.value.stderr
