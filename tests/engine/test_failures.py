"""Trouble in words: losses that are no numbers, memory that runs out, disks that are full, methods that are broken."""

import copy
import errno
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from explorer import Refused, cuda_graph, data, runs
from explorer.core import METHODS, DataSpec, Method
from explorer.engine import failures, worker
from explorer.models import build
from explorer.models.devices import load_split, split_of
from explorer.runs import Spec
from explorer.system import cgroups
from explorer.system.memory import free
from explorer.tasks.training import driver, memory
from explorer.tasks.training import request as training_request
from explorer.train import Fit

CHILD = Path(__file__).with_name("short_of_memory.py")


STEPPING = [name for name in sorted(METHODS) if METHODS[name].solve is Method.solve]  # others make no steps to measure


def prepared(method="simclr", size=0, **hyperparameters):
    """A network before its first step, its images and its hyperparameters."""
    name = "shapes" if METHODS[method].info.needs.colour else "digits"
    cfg, dataset = METHODS[method].training(hyperparameters), data.load(name, size)
    images = split_of(dataset.splits["train"], dataset.classes, dataset, torch.device("cpu"))
    shape = DataSpec.of(dataset, dataset.classes, len(images))
    return build.fresh(method, {}, cfg, shape).to(memory_format=torch.channels_last), images, cfg


def plant_no_number(monkeypatch, step):
    """The loss is no number at this step, and so small before it that no learning rate can make it diverge."""
    learn = Fit.learn

    def learn_with_fault(fit):
        cls, share = type(fit.method), float("nan") if fit.t + 1 == step else 1e-6
        loss = cls.loss

        def scaled(self, **views):
            out = loss(self, **views)
            return out | {"loss": out["loss"] * share}

        with monkeypatch.context() as patch:
            patch.setattr(cls, "loss", scaled)
            return learn(fit)

    monkeypatch.setattr(Fit, "learn", learn_with_fault)
    monkeypatch.setattr(cuda_graph, "can_capture", lambda device: False)  # a replay does not ask what step it is


def test_a_loss_that_is_no_number_fails_at_its_step_and_the_last_finite_weights_are_kept(monkeypatch):
    monkeypatch.setattr(driver, "score", lambda *_: None)
    plant_no_number(monkeypatch, 50)
    torch.set_num_threads(1)
    hyperparameters = {"optimizer": "sgd", "lr": 10, "epochs": 12, "schedule": "constant", "threads": 1}
    run = runs.create(training_request.train("autoencoder", "digits", {}, hyperparameters))
    worker.here(run)
    first = next(step.t for step in Fit(*prepared("autoencoder", **hyperparameters)) if not step.out["loss"].isfinite())
    assert first == 50
    kept = run.checkpoint()
    print(f"no number at step {first}, the checkpoint of step {kept.name} is kept: {run.status.error}")
    assert run.status.state == "failed"
    assert re.match(rf"loss became (nan|-?inf) at step {first}: lower lr \(it was 10\)", run.status.error)
    assert 0 < int(kept.name) < first
    assert all(tensor.isfinite().all() for tensor in load_file(kept / "model.safetensors").values())


def test_a_batch_that_does_not_fit_is_refused_and_the_one_that_is_named_fits():
    """In processes that really may take only 160 MiB more; in the second half they believe at first that they may."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(runs.REPOSITORY)}
    done = subprocess.run([sys.executable, CHILD, "160"], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    refused, accepted, failed, smaller = map(json.loads, done.stdout.splitlines())
    print(refused["error"], failed["error"], sep="\n")
    assert re.fullmatch(r"batch 1024 needs about \d+ MiB, and \d+ MiB are free: choose batch \d+ or less",
                        refused["error"])  # fmt: skip
    assert accepted["state"] == smaller["state"] == "done"
    assert "can't allocate memory" in done.stderr, "memory did run out"
    assert re.match(r"Out of memory with batch 1024: choose batch \d+ or less, and ", failed["error"])


@pytest.mark.parametrize("method", STEPPING)
def test_the_estimate_disturbs_nothing_and_costs_little(method):
    network, images, cfg = prepared(method)
    memory.need(network, images, cfg)  # the first one imports
    torch.manual_seed(5)
    before, state = copy.deepcopy(network.state_dict()), torch.random.get_rng_state()
    start = time.process_time()
    needed = memory.need(network, images, cfg)
    seconds = time.process_time() - start
    print(f"{method}: {needed.bytes(cfg.batch) / 2**20:.0f} MiB, estimated in {seconds:.2f} s")
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
    assert torch.equal(state, torch.random.get_rng_state())
    assert seconds < 1.0


@pytest.mark.parametrize("method", STEPPING)
def test_what_a_step_is_predicted_to_hold_is_what_it_holds(method):
    """A step on 64 images, measured, and foretold from those on 2, 4 and 6 images: to the byte."""
    network, images, cfg = prepared(method)
    foretold = memory.need(network, images, cfg).moments @ [1, 64, 64**2]
    measured = memory._course(network, images, cfg, 64)
    assert len(foretold) == len(measured)
    assert foretold.max() == pytest.approx(max(measured), rel=1e-3)


def test_similarities_of_all_pairs_grow_with_the_square():
    small, large = (memory.need(*prepared(name)) for name in ("autoencoder", "simclr"))
    assert large.bytes(8192) > 3 * (large.bytes(4096) - memory.MARGIN)
    assert small.bytes(8192) < 2.1 * small.bytes(4096)


def test_a_training_for_which_no_batch_is_small_enough_says_what_else_helps(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda _: 2**20)
    with pytest.raises(Refused, match=r"1\.0 MiB are free: choose a smaller encoder, width or size"):
        memory.check(Fit(*prepared(encoder="conv")))

    network, images, cfg = prepared("simclr", batch=64)
    needed = memory.need(network, images, cfg)
    monkeypatch.setattr(memory, "free", lambda _: needed.bytes(2) - 2**16)
    with pytest.raises(
        Refused, match=r"^the network, whatever the batch, needs about \d+ MiB, and \d+ MiB are free: choo"
    ):
        memory.check(Fit(network, images, cfg))


def test_images_that_are_in_the_way_of_the_batch_are_left_on_disk(monkeypatch):
    network, images, cfg = prepared("autoencoder", batch=64)
    loaded = []

    def on_disk():
        loaded.append(1)
        dataset = data.load("digits")
        return load_split(dataset, "train", (), 0, torch.device("cpu"), streamed=True)

    wanted, size = memory.need(network, images, cfg).bytes(64), images.x.nbytes
    for room, streamed in ((wanted, False), (wanted - 1, True), (wanted - size, True), (wanted - size - 1, False)):
        fit = Fit(network, images, cfg)
        monkeypatch.setattr(memory, "free", lambda _, room=room, fit=fit: room + size * fit.data.streamed)
        if room < wanted - size:
            with pytest.raises(Refused, match=r"needs about .* are free: choose"):
                memory.check(fit, on_disk)
        else:
            memory.check(fit, on_disk)
        assert fit.data.streamed == streamed
    assert len(loaded) == 2
    assert memory.resident(images) == size and memory.resident(on_disk()) == 0


def test_a_fit_that_sees_too_many_images_at_once_says_how_many_fit(monkeypatch):
    network, images, cfg = prepared("pca")
    one = memory.FITTED * 4 * 64
    monkeypatch.setattr(memory, "free", lambda _: one * 1000)
    fit = Fit(network, images, cfg)
    with pytest.raises(
        Refused, match=rf"^{len(images):,} images at once need about .* are free: choose subset 900 or less"
    ):
        memory.check(fit)
    memory.check(Fit(network, images.take(torch.arange(900)), cfg))


def test_free_is_the_least_of_what_machine_group_and_process_allow(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "PROC", tmp_path / "proc")
    monkeypatch.setattr(cgroups, "CONTROL_GROUPS", tmp_path / "groups")
    own = tmp_path / "groups/a/b"
    own.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    (tmp_path / "proc/self/cgroup").write_text("0::/a/b\n")
    (own / "memory.max").write_text("max\n")
    cpu = torch.device("cpu")
    assert free(cpu) == 8000 * 1024, "a group without a limit limits nothing"
    for name, text in {"max": "5000000", "current": "3000000", "stat": "anon 7\ninactive_file 500000\n"}.items():
        (own.parent / f"memory.{name}").write_text(text)
    assert free(cpu) == 2_500_000, "the limit of a group above; what the kernel gives back is free"


def failing(kind="train", **more):
    return runs.create(Spec(kind=kind, title="t", dataset="digits", method="simclr", train={"batch": 64}, **more))


@pytest.mark.parametrize(("error", "words"), [
    (MemoryError(), "Out of memory with batch 64: choose a smaller batch"),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "Out of memory"),
    (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB"), "Out of memory with batch 64"),
    (OSError(errno.ENOSPC, "No space left on device"), "The disk that holds the runs is full: free some space, then"),
    (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "/data/x may not be read or written"),
    (OSError(errno.EROFS, "Read-only file system", "/data"), "/data may not be read or written"),
    (ZeroDivisionError("division by zero\nsecond line"), "ZeroDivisionError: division by zero; the log says where."),
    (KeyboardInterrupt(), "KeyboardInterrupt; the log says where."),
])  # fmt: skip
def test_what_nobody_foresaw_is_one_sentence(error, words, monkeypatch):
    monkeypatch.setattr(memory, "_last", [])
    said = failures.explain(error, failing())
    assert words in said
    assert "\n" not in said


def test_what_the_work_advises_is_said_where_memory_ran_out():
    error = MemoryError()
    error.advice = lambda: "choose batch 8 or less"
    assert "batch 64: choose batch 8 or less, and end other" in failures.explain(error, failing())
    error.advice = lambda: ""
    assert "batch 64: choose a smaller batch, and end other" in failures.explain(error, failing())


@pytest.mark.parametrize("devices", [1, 2])
def test_where_nothing_was_measured_a_smaller_batch_is_advised_among_the_rest(devices, monkeypatch):
    network, images, cfg = prepared()
    monkeypatch.setattr(memory, "_last", [1])  # of another training

    @memory.advises
    def train():
        if devices > 1:  # they share a batch, which is not measured
            memory.check(Fit(network, images, cfg.model_copy(update={"devices": devices})))
        raise MemoryError

    with pytest.raises(MemoryError) as caught:
        train()
    assert "64: choose a smaller batch, encoder, width or size, and" in failures.explain(caught.value, failing())


def test_an_error_is_known_by_what_it_came_from():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as full:
            raise RuntimeError("PytorchStreamWriter failed") from full
    except RuntimeError as error:
        assert "disk that holds the runs is full" in failures.explain(error, failing())


def test_a_job_that_is_no_training_is_not_told_to_train():
    for error in (MemoryError(), OSError(errno.ENOSPC, "No space left on device")):
        said = failures.explain(error, failing("map", models=("pixels",)))
        assert "ask for it again" in said
        assert "batch" not in said


def test_a_full_disk_names_the_checkpoint_that_is_intact():
    run = failing()
    full = OSError(errno.ENOSPC, "No space left on device")
    assert failures.explain(full, run).endswith("free some space, then train again.")
    run.write_checkpoint(120, {"model.safetensors": b"weights", "resume.pt": b"state"})
    said = failures.explain(full, run)
    assert said.endswith("free some space, then continue this run; its checkpoint of step 120 is intact.")


@pytest.mark.parametrize(("code", "words"), [
    ("import nobody_has_this", "methods/mine.py needs the module 'nobody_has_this', which is missing: install it."),
    ("raise RuntimeError('on purpose')", "methods/mine.py cannot be imported (RuntimeError: on purpose): repair it"),
    ("def (", "methods/mine.py cannot be imported (SyntaxError: invalid syntax"),
])  # fmt: skip
def test_a_method_file_that_cannot_be_imported_is_named(code, words, tmp_path, monkeypatch):
    monkeypatch.setattr(failures, "SOURCE", tmp_path)
    (tmp_path / "methods").mkdir()
    (tmp_path / "methods/mine.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path / "methods")
    with pytest.raises((ImportError, RuntimeError, SyntaxError)) as caught:
        __import__("mine")
    assert words in failures.explain(caught.value, failing())


def test_a_method_that_cannot_take_few_images_is_trained_unchecked(monkeypatch):
    network, images, cfg = prepared("autoencoder")
    monkeypatch.setattr(type(network), "loss", lambda self, image: 1 / 0)
    memory.check(Fit(network, images, cfg))
