"""The script of a run trains it again: with torch alone to the same losses, and in a Python that has no Unfold."""

import ast
import builtins
import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from explorer import Refused, augment, data, runs
from explorer.core import METHODS, DataSpec, generator
from explorer.engine import worker
from explorer.losses import nt_xent
from explorer.models import build
from explorer.runs import Status
from explorer.tasks.code import images, torch_alone
from explorer.tasks.code import script as scripts
from explorer.tasks.code.script import script
from explorer.tasks.training import driver
from explorer.tasks.training import request as training_request

HIDDEN = "import sys; sys.modules['explorer'] = None; sys.argv = sys.argv[1:]; exec(open(sys.argv[0]).read())"
SHORT = {"epochs": 2, "subset": 300, "batch": 64, "threads": 1}


def trained(method, dataset="digits", own=None, **train):
    run = runs.create(training_request.train(method, dataset, own or {}, {**SHORT, **train}))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


def losses(run):
    return [row["train_loss"] for row in run.metrics() if "train_loss" in row]


def printed(text):
    """The losses in what a script prints."""
    return [float(loss) for loss in re.findall(r"loss ([\d.]+)", text)]


def repeated(text, alone=True):
    """The losses that a script prints, which runs here and may not import Unfold."""
    said = io.StringIO()

    def imported(name, *more):
        assert not (alone and name.partition(".")[0] == "explorer"), name
        return __import__(name, *more)

    with redirect_stdout(said):
        exec(compile(text, "again.py", "exec"), {"__builtins__": {**vars(builtins), "__import__": imported}})
    return printed(said.getvalue())


def test_a_script_runs_in_a_python_that_has_no_unfold(tmp_path):
    run = trained("autoencoder")
    path = tmp_path / "again.py"
    path.write_text(script(run).text)
    ended = subprocess.run([sys.executable, "-c", HIDDEN, path], capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert np.allclose(printed(ended.stdout), losses(run), atol=1e-4, rtol=0)


@pytest.fixture(autouse=True)
def unscored(monkeypatch):
    monkeypatch.setattr(driver, "score", lambda *_: None)


RUNS = {
    "autoencoder": ("autoencoder", {}, {}),
    "autoencoder, mse": ("autoencoder", {"error": "mse"}, {"encoder": "conv", "pooling": 2, "schedule": "cosine"}),
    "linear autoencoder": ("autoencoder", {"error": "mse", "linear": True}, {"seed": 3, "optimizer": "sgd"}),
    "simclr": ("simclr", {}, {"subset": 0, "batch": 128}),
    "simclr, some classes": ("simclr", {"head": False}, {"classes": ("1", "7", "4"), "encoder": "mlp", "subset": 0}),
}  # fmt: skip


@pytest.mark.parametrize("what", RUNS)
def test_a_script_with_torch_alone_reaches_the_losses_of_its_run(what):
    method, own, train = RUNS[what]
    run = trained(method, own=own, **train)
    made = script(run)
    assert made.alone and "import explorer" not in made.text and "from explorer" not in made.text
    assert len(made.text.splitlines()) < 80 and max(map(len, made.text.splitlines())) <= 120
    again = repeated(made.text)
    assert len(again) == 2
    assert np.allclose(again, losses(run), atol=1e-4, rtol=0), (again, losses(run))
    assert f"ended at loss {losses(run)[-1]:.6f}" in made.text


EVIL = '\'"""; print("PWNED"); """\n\\'


def statements(text):
    """What a script does: the kinds of all its parts and every name, without values."""
    return [(type(it).__name__, getattr(it, "id", getattr(it, "attr", ""))) for it in ast.walk(ast.parse(text))]


def told(text):
    """A run whose record says this wherever it holds text: a story's comes from somebody else."""
    spec = training_request.train("autoencoder", "digits", {}, SHORT)
    run = SimpleNamespace(id=text, title=text, spec=spec.model_copy(update={"title": text, "user": text}))
    run.status = Status(state="done", device=text, message=text, error=text, caveat=text, steps=10)
    run.metrics = lambda: [{"step": 1, "train_loss": 0.5}]
    return run


def test_no_text_of_a_record_becomes_code_of_a_script(monkeypatch):
    monkeypatch.setattr(scripts, "_stages", lambda run: [({run.id: run.id}, 3)])
    own, known = METHODS["autoencoder"].hyperparameters({}), data.load("digits")
    alone, others = [], []
    for text in ("honest", EVIL):
        run = told(text)
        alone.append(scripts._alone(run, own, known))
        fields = {"dataset": text, "method": text, "hyperparameters": {text: text}}
        run.spec = run.spec.model_copy(update=fields)
        others.append(scripts._with_explorer(run))
    assert "print" in alone[1] and "print" in others[1]
    assert statements(alone[0]) == statements(alone[1])
    assert statements(others[0]) == statements(others[1])


def test_another_seed_is_another_loss():
    """What the test above compares to 1e-4 is farther apart between two seeds."""
    first = trained("autoencoder")
    other = script(first).text.replace('f"0:{what}"', 'f"1:{what}"').replace("manual_seed(0)", "manual_seed(1)")
    assert abs(repeated(other)[-1] - losses(first)[-1]) > 1e-3


OTHERS = {"another method": ("rotation", {}), "half": ("simclr", {"half_resolution": 0.5, "encoder": "conv"})}


@pytest.mark.parametrize("what", OTHERS)
def test_other_runs_are_trained_again_with_explorer(what):
    method, train = OTHERS[what]
    run = trained(method, **train)
    made = script(run)
    assert not made.alone and len(made.text.splitlines()) < 80
    assert np.allclose(repeated(made.text, alone=False), losses(run), atol=1e-4, rtol=0)


def test_a_run_that_goes_on_is_trained_again_from_its_beginning():
    first = trained("autoencoder")
    second = runs.create(training_request.continue_spec(first.id, 1))
    worker.here(second)
    again = repeated(script(second).text, alone=False)
    assert np.allclose(again, losses(second), atol=1e-4, rtol=0)
    runs.delete(first.id)
    with pytest.raises(Refused, match="was deleted"):
        script(second)


CHOSEN = [("digits", {}), ("digits", {"subset": 100}), ("digits", {"classes": ("3", "1")}), ("garments", {}),
          ("garments", {"subset": 77, "classes": ("Bag", "Coat")})]  # fmt: skip


@pytest.mark.parametrize(("dataset", "cfg"), CHOSEN)
def test_a_script_reads_the_very_images(dataset, cfg, monkeypatch):
    monkeypatch.chdir(runs.REPOSITORY)
    known, train = data.load(dataset), METHODS["simclr"].training(cfg)
    lines = images.plain(known, train)
    names = {"device": "cpu", "torch": torch}
    exec("\n".join([*lines.imports, lines.defined, lines.lines]), names)
    rows, _ = known.chosen("train", train.classes, train.subset)
    assert (names["x"].numpy() == known.splits["train"].x[rows]).all()


def test_data_that_only_unfold_can_make_are_read_with_it():
    assert images.plain(data.load("shapes"), METHODS["simclr"].training({})) is None
    assert images.plain(data.load("digits", 16), METHODS["simclr"].training({"size": 16})) is None


def test_rows_that_copies_hold_together_are_named(monkeypatch):
    known = data.load("digits")
    raw = images._raw("digits")
    monkeypatch.setattr(images, "_raw", lambda name: raw._replace(marks=raw.marks[np.arange(len(raw.marks)) // 2 * 2]))
    images._correction.cache_clear()
    monkeypatch.setattr(images, "MOST", 10_000)
    assert "copies stay together" in images.plain(known, METHODS["simclr"].training({})).lines
    images._correction.cache_clear()
    monkeypatch.setattr(images, "MOST", 60)
    assert images.plain(known, METHODS["simclr"].training({})) is None
    images._correction.cache_clear()


def functions(channels, **own):
    """The functions of a script of SimCLR for such images, and its length with the lines that read CIFAR-10."""
    cfg = METHODS["simclr"].training({})
    spec = DataSpec.image("x", channels, 32, ("a", "b"), 100)
    method = build.fresh("simclr", own, cfg, spec)
    read = images.READ["cifar10" if channels == 3 else "fashion_mnist"]
    lines = images.Images(("import numpy as np", *read[0]), images.CUT, f"{read[1]}\nrows = 1\nrows = 2\nx = 3")
    text = torch_alone.script(method, cfg, lines, "Words.\nThe end.", 1, 4)
    names = {"torch": torch, "F": torch.nn.functional, "math": __import__("math"), "nn": torch.nn}
    exec(torch_alone.simclr(method, cfg)["defined"], names)
    return names, len(text.splitlines())


@pytest.mark.parametrize("channels", [1, 3])
def test_the_augmentation_and_the_loss_of_a_script_are_ours(channels):
    names, length = functions(channels, crop=0.3, jitter=0.8, grey=0.3, temperature=0.2)
    assert length < 80
    x = torch.rand(64, channels, 12, 12, generator=torch.Generator().manual_seed(1))
    own, ours = generator(0, "a"), generator(0, "a")
    for _ in range(3):
        cropped, expected = names["crop_flip"](x, own), augment.crop_flip(x, ours, 0.3, 0.5)[0]
        assert torch.allclose(cropped, expected, atol=1e-6)
        jittered, expected = names["jitter"](cropped, own), augment.colour_jitter(expected, ours, 0.8, 0.8, 0.3)[0]
        assert torch.allclose(jittered, expected, atol=1e-5)
    z1, z2 = torch.rand(2, 9, 5).unbind()
    assert torch.allclose(names["nt_xent"](z1, z2), nt_xent(z1, z2, 0.2))
