"""One file adds a kind of task: to command line, help, request, address, page, engine and download."""

import json
import subprocess

import pytest

from tests.source_cases import python

SCORES = '''"""Nearest class mean: a task for a test."""

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.tasks.task import Task, task


class Config(Options):
    """Options of the test's task."""

    labels: int = Field(300, ge=20, le=900, description="training images whose mean is taken")


@task("Nearest class mean")
class NearestMean(Task):
    """Accuracy of naming test images by the nearest class mean of a model's features."""

    Config = Config
    result = None
    version_keys = ("tie",)

    def version(self, cfg):
        return {"tie": "first"} if cfg.labels < 100 else {}

    def title(self, refs, data, cfg):
        return f"Nearest class mean of {refs[0]} on {data}"

    def run(self, run, cfg, inputs):
        dataset = inputs.dataset
        train, rows = dataset.select("train", subset=cfg.labels)
        z, test = inputs.model.features(dataset, "train", rows), inputs.model.features(dataset, "test")
        means = np.stack([z[train.y == k].mean(0) for k in range(len(dataset.classes))])
        named = ((test[:, None] - means) ** 2).sum(2).argmin(1)
        run.write_scores({"accuracy": float((named == dataset.splits["test"].y).mean()), "labels": cfg.labels})
'''

ARRAYS = '''"""Class means: a task for a test that makes a file."""

import numpy as np

from explorer.tasks.task import Task, task


@task("Class means")
class ClassMeans(Task):
    """The mean of a model's features of each class, as a file."""

    download = True

    def title(self, refs, data, cfg):
        return f"Class means of {refs[0]} on {data}"

    def run(self, run, cfg, inputs):
        test = inputs.dataset.splits["test"]
        z = inputs.model.features(inputs.dataset, "test")
        run.write_result(means=np.stack([z[test.y == k].mean(0) for k in range(len(inputs.dataset.classes))]))
'''

SEVERAL = '''"""Comparing sizes: a task for a test about several models."""

from explorer.tasks.task import Task, task


@task("Compare sizes")
class CompareX(Task):
    """The size of the features of two to four models."""

    models = (2, 4)
    result = None

    def title(self, refs, data, cfg):
        return f"Sizes of {', '.join(map(str, refs))} on {data}"

    def run(self, run, cfg, inputs):
        sizes = [model.features(inputs.dataset, "test", [0, 1]).shape[1] for model in inputs.models]
        run.write_scores({"models": list(run.spec.models), "sizes": sizes})
'''

PAGE = """
from streamlit.testing.v1 import AppTest

from explorer import engine, runs
from explorer.engine import worker
from pages.ui.kit import url_state

engine.submit, engine.reconcile = (lambda spec, **_: runs.create(spec)), (lambda: None)
url_state.link = lambda *words, **query: None


def check(at):
    assert not at.exception and not at.error, (at.exception, at.error)
    return at


def shown(at):
    return " ".join(element.proto.body for element in at.get("html"))


at = AppTest.from_file(f"{runs.REPOSITORY}/pages/embeddings.py", default_timeout=120)
query = {"data": "digits", "model": "pixels", "task": "nearest_mean", "task.nearest_mean.labels": "250", "maps": "PCA"}
at.query_params.update(query)
check(at.run())
(box,) = [each for each in at.selectbox if each.key == "task"]
assert sorted(box.options) == ["Class means", "Evaluate", "Nearest class mean"], box.options
assert box.value == "nearest_mean"
(labels,) = [each for each in at.number_input if each.key == "task.nearest_mean.labels"]
assert (labels.value, labels.help.partition(" ·")[0]) == (250, "training images whose mean is taken")
check(at.button("start-task.nearest_mean").click().run())
(run,) = runs.listing("nearest_mean")
assert run.spec.params["labels"] == 250
worker.here(run)
assert f"<dt>accuracy</dt><dd>{run.scores()['accuracy']:.3f}</dd>" in shown(check(at.run()))
check(at.selectbox("task").set_value("evaluate").run())
assert at.query_params["task"] == "evaluate"
check(at.selectbox("task").set_value("class_means").run())
check(at.button("start-task.class_means").click().run())
(run,) = runs.listing("class_means")
worker.here(run)
assert f"/result/{run.id}/pixels-digits.npz" in shown(check(at.run()))
print("fine")
"""


@pytest.fixture
def env(tmp_path):
    return {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}


def refused(*words, root, env):
    """What a command that is refused says."""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python("-m", "explorer", *words, root=root, env=env)
    assert caught.value.returncode == 2
    return caught.value.stderr


def test_one_file_adds_a_task(copy, env):
    (copy / "explorer/tasks/nearest_mean.py").write_text(SCORES)
    (copy / "explorer/tasks/class_means.py").write_text(ARRAYS)
    helped = " ".join(python("-m", "explorer", "nearest_mean", "--help", root=copy, env=env).split())
    assert "Accuracy of naming test images by the nearest class mean" in helped
    assert "training images whose mean is taken {at least 20, at most 900} [300]" in helped
    said = python("-m", "explorer", "nearest_mean", "pixels", "digits", "--json", root=copy, env=env)
    answer = json.loads(said.splitlines()[-1])
    assert 0.7 < answer["accuracy"] < 1 and answer["labels"] == 300
    said = python("-m", "explorer", "nearest_mean", "pixels", "digits", "--labels", "50", "--json", root=copy, env=env)
    assert json.loads(said.splitlines()[-1])["labels"] == 50, "what its version says is no option"
    assert "labels='5'" in refused("nearest_mean", "pixels", "digits", "--labels", "5", root=copy, env=env)
    out = copy / "means.npz"
    python("-m", "explorer", "class_means", "pixels", "digits", "--out", str(out), root=copy, env=env)
    code = (
        "import numpy as np; from explorer.tasks.request import request; from explorer import runs;"
        "spec, other = (request('nearest_mean', 'pixels', 'digits', labels=n) for n in (300, 30));"
        "run = runs.find(runs.address(spec)); assert run.status.state == 'done';"
        "assert runs.find(runs.address(other)) is None; assert spec.title == 'Nearest class mean of pixels on Digits';"
        "assert np.load('means.npz')['means'].shape == (10, 64); print('fine')"
    )
    assert python(code, root=copy, env=env).strip() == "fine"


def test_one_file_adds_an_analysis_to_the_page(copy, env):
    (copy / "explorer/tasks/nearest_mean.py").write_text(SCORES)
    (copy / "explorer/tasks/class_means.py").write_text(ARRAYS)
    assert python(PAGE, root=copy, env=env).strip().splitlines()[-1] == "fine"


def test_one_file_adds_a_task_about_several_models(copy, env):
    (copy / "explorer/tasks/compare_x.py").write_text(SEVERAL)

    def ask(*words):
        return json.loads(python("-m", "explorer", "compare_x", *words, root=copy, env=env).splitlines()[-1])

    assert ask("pixels", "pca:5", "digits", "--json") == {"models": ["pixels", "pca:5"], "sizes": [64, 5]}
    assert ask("pca:5", "--json", "pixels", "pca:3", "digits") == {
        "models": ["pca:5", "pixels", "pca:3"], "sizes": [5, 64, 3],
    }  # fmt: skip
    assert "is about 2 to 4 models, and 1 were named" in refused("compare_x", "pixels", "digits", root=copy, env=env)
    assert "arguments are required" in refused("compare_x", "--json", root=copy, env=env)
    code = (
        "from explorer.tasks.request import request; from explorer import runs;"
        "spec, swapped = (request('compare_x', refs, 'digits') for refs in (['pixels', 'pca:5'], ['pca:5', 'pixels']));"
        "assert runs.find(runs.address(spec)).spec.models == ('pixels', 'pca:5');"
        "assert runs.find(runs.address(swapped)) is None;"
        "from pages.ui.runs import task_panel; assert list(task_panel.analyses()) == ['evaluate']; print('fine')"
    )
    assert python(code, root=copy, env=env).strip() == "fine"


def test_a_broken_task_file_breaks_the_import_loudly(copy, env):
    (copy / "explorer/tasks/broken.py").write_text("raise RuntimeError('broken on purpose')\n")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python("from explorer.tasks.task import TASKS; list(TASKS)", root=copy, env=env)
    assert "broken on purpose" in caught.value.stderr


def test_two_tasks_in_one_file_fail_loudly(copy, env):
    (copy / "explorer/tasks/nearest_mean.py").write_text(SCORES + SCORES.replace("class NearestMean", "class Again"))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python("from explorer.tasks.task import TASKS; list(TASKS)", root=copy, env=env)
    assert "two kinds of job are called 'nearest_mean'" in caught.value.stderr
