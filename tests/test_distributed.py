"""Several devices: a step on two ranks is the step on one, and a run on two is one run."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import psutil
import pytest
import torch
from safetensors.torch import load_file

from explorer import Refused, runs
from explorer.core import TrainConfig
from explorer.distributed import TorchProcessGroup
from explorer.engine import worker
from explorer.methods import METHODS
from explorer.runs import Spec
from explorer.tasks.training import launcher
from explorer.tasks.training.checkpointing import difference, environment
from tests import rank_work

ROOT = Path(__file__).resolve().parents[1]
ENV = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
UNLIKE = {"noise"}  # what the two players draw after a step comes from another address on several devices
EXACT = 1e-5  # of the largest number among those that are compared
ABOUT = 1e-4  # after some steps, which enlarge what rounding has left


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What each of two ranks has found."""
    out = tmp_path_factory.mktemp("two")
    command = [sys.executable, "-m", "tests.rank_work"]
    both = [
        subprocess.Popen([*command, str(rank), str(out / "store"), str(out)], env={**os.environ, **ENV}, cwd=ROOT)
        for rank in range(2)
    ]
    try:
        assert [process.wait(timeout=120) for process in both] == [0, 0]
    finally:
        for process in both:
            process.kill()
    return [torch.load(out / f"{rank}.pt", weights_only=True) for rank in range(2)]


def apart(a, b):
    """The largest difference of two sets of tensors, as a share of the largest number there; counts are equal."""
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], value) for name, value in b.items() if not value.is_floating_point())
    b = {name: value for name, value in b.items() if value.is_floating_point() and name not in UNLIKE}
    largest = max(value.abs().max().item() for value in b.values())
    return max((a[name].double() - b[name].double()).abs().max().item() for name in b) / (largest or 1)


def losses(rank):
    """The scalars of the steps as tensors, by name."""
    return {name: torch.tensor([step[name] for step in rank["losses"]]) for name in (rank["losses"] or [{}])[0]}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """As each rank has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def fitted(name):
    """The training of that name on one device."""
    if name == "players":
        return rank_work.duel()
    half = {"half_resolution": 0.5} if name.startswith("half ") else {}
    return rank_work.fitted(name.removeprefix("half "), **half)


@pytest.mark.parametrize("name", [*METHODS, *(f"half {name}" for name in rank_work.HALF), "players"])
def test_steps_on_two_ranks_are_those_on_one(name, two):
    fit = fitted(name)
    alone, (first, second) = rank_work.steps(fit), (rank[name] for rank in two)
    assert all(torch.equal(value, second["state"][key]) for key, value in first["state"].items())
    assert first["losses"] == second["losses"]
    pairs = {"state": (first["state"], alone["state"])}
    if fit.optimizers:
        pairs |= {"loss": (losses(first), losses(alone)), "gradient": (first["gradient"], alone["gradient"])}
    far = {what: apart(*pair) for what, pair in pairs.items()}
    print(f"{name}: two ranks against one, " + ", ".join(f"{what} {value:.1e}" for what, value in far.items()))
    assert far.pop("state") < ABOUT
    assert max(far.values(), default=0) < EXACT


@pytest.mark.parametrize("name", rank_work.BREAKS)
def test_without_this_piece_the_gradient_would_be_another(name, two):
    alone = rank_work.steps(rank_work.fitted("simclr"), 1)
    far = apart(two[0][f"broken {name}"]["gradient"], alone["gradient"])
    print(f"simclr without {name}: gradient {far:.1e}")
    assert far > 1e-2


def test_the_queue_holds_the_keys_of_all_ranks_in_their_order(two):
    alone = rank_work.steps(rank_work.fitted("moco"))["state"]
    queues = [rank["moco"]["state"]["queue"] for rank in two]
    assert torch.equal(*queues)
    assert not torch.equal(queues[0], rank_work.state(rank_work.fitted("moco"))["queue"])
    far = (queues[0] - alone["queue"]).abs().max().item()
    print(f"moco: queue of two ranks against one's {far:.1e}")
    assert far < EXACT


def test_dropout_differs_between_ranks_and_what_they_remember_does_not(two):
    first, second = (rank["dropout"]["state"] for rank in two)
    assert all(torch.equal(value, second[key]) for key, value in first.items())
    dropped = first["batch"] == 0  # of the last batch
    assert 0.4 < dropped.float().mean() < 0.6
    assert not torch.equal(dropped[:16], dropped[16:])


def test_half_precision_is_shared_too(two):
    alone = rank_work.steps(rank_work.fitted("simclr", precision="bfloat16"), 1)
    far = apart(two[0]["bfloat16"]["gradient"], alone["gradient"])
    print(f"simclr in bfloat16: gradient {far:.1e}")
    assert far < 0.05


def test_a_training_on_two_ranks_resumes_to_the_same_bytes(two):
    for rank in two:
        assert all(torch.equal(value, rank["resume"]["resumed"][key]) for key, value in rank["resume"]["whole"].items())


def test_a_training_that_resumes_on_other_devices_says_so():
    before, now = (environment(rank_work.fitted("autoencoder", TorchProcessGroup(0, n))) for n in (2, 1))
    assert difference(before, now) == "not bit-exact: 2 → 1 devices"


def test_the_others_end_with_the_first(two):
    assert [rank["dismissed"] for rank in two] == [2, 2]


def test_a_batch_of_all_images_too_is_shared_equally():
    fit = rank_work.fitted("autoencoder", TorchProcessGroup(0, 5), batch=10)
    assert (fit.used, fit.per_epoch, len(fit.rows(0))) == (70, 7, 70)
    few = rank_work.fitted("autoencoder", TorchProcessGroup(0, 5), batch=100)
    assert (few.used, few.per_epoch, len(few.rows(0))) == (70, 1, 70)
    with pytest.raises(Refused, match="80 devices cannot share 72 images"):
        rank_work.fitted("autoencoder", TorchProcessGroup(0, 80), batch=10)


def test_a_batch_that_devices_cannot_share_is_refused_with_the_nearest():
    with pytest.raises(Refused, match=r"3 devices cannot share a batch of 256 equally: choose batch 255 or 258"):
        TrainConfig.read({"devices": 3, "batch": 256}, "training")
    with pytest.raises(Refused, match=r"devices=17 is not allowed.*less than or equal to 16"):
        TrainConfig.read({"devices": 17}, "training")
    assert TrainConfig.read({"devices": 3, "batch": 258}, "training").devices == 3


# ------------------------------------------------------------------------------------------- whole runs

HERE = (
    "import sys; from pathlib import Path; from explorer.engine import worker; from explorer.runs import Run;"
    "worker.here(Run(Path(sys.argv[1])))"
)
SMALL = {"encoder": "conv", "width": 0.25, "batch": 128, "subset": 1024, "optimizer": "sgd", "lr": 0.01, "devices": 2}


def training(name, method="supervised", **train):
    return runs.create(
        Spec(kind="train", title=name, dataset="digits", method=method, train={**SMALL, **train}, seed=1), name
    )


@pytest.fixture
def begin():
    """Starts a run's process; ends what is left of it after the test."""
    begun = []

    def start(run):
        with (run.folder / "log.txt").open("ab") as log:
            command, env = [sys.executable, "-c", HERE, str(run.folder)], {**os.environ, **ENV}
            begun.append(psutil.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log))
        return begun[-1]

    yield start
    for process in begun:
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            process.kill()
        process.wait()


def until(what, seconds=120.0):
    """What `what` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return answer


def alive(processes):
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def weights(run):
    return load_file(run.weights())


def test_a_killed_run_leaves_no_rank_behind_and_its_next_process_goes_on_as_one_device_would(begin, monkeypatch):
    run, single = training("two", epochs=10, lr=1e-3), training("one", epochs=10, lr=1e-3, devices=1)
    process = begin(run)
    until(run.checkpoint)
    family = process.children(recursive=True)
    assert len(family) == 3, "torchrun and two ranks"
    assert not run.status.final
    process.kill()
    process.wait()
    since = time.monotonic()
    until(lambda: not alive(family), 5)
    print(f"no rank is left {time.monotonic() - since:.2f} s after kill -9")
    until(lambda: not run.held(), 5)
    assert run.status.step < 80, "they were ended, and did not come to the end"
    begin(run).wait(120)
    assert (run.status.state, run.status.attempts, run.status.error) == ("done", 2, None)
    monkeypatch.setattr("explorer.tasks.training.driver.score", lambda *_: None)
    worker.here(single)
    far = apart(weights(run), weights(single))
    print(f"weights after {run.status.step} steps, two ranks (killed, resumed) against one: {far:.1e}")
    assert far < ABOUT
    assert run.status.device.startswith("2 × ")
    assert run.frames() == single.frames()
    assert run.status.caveat == ""
    steps = [row["step"] for row in run.metrics() if "loss" in row]
    assert steps == sorted(set(steps))
    own, others = ({path.name for path in each.folder.iterdir()} for each in (run, single))
    cut_short = {
        name for name in own if name.startswith(".")
    }  # a file that was half written when its writer was killed
    assert own - others - cut_short <= {"log.txt", "scores.json"}


def test_a_stopped_run_ends_on_all_ranks_at_the_same_step(begin):
    run = training("stopped", epochs=1000)
    process = begin(run)
    until(lambda: run.status.step > 2)
    family, since = process.children(recursive=True), time.monotonic()
    run.request_stop()
    process.wait(20)
    print(f"stopped on two ranks after {time.monotonic() - since:.2f} s")
    assert (run.status.state, run.status.error) == ("stopped", None)
    assert int(run.checkpoint().name) == run.status.step
    assert not alive(family)
    assert "Traceback" not in run.log_tail(1000)


@pytest.mark.slow
def test_what_one_rank_refuses_is_said_unchanged_and_ends_the_others(begin):
    run = training("wild", "autoencoder", epochs=100, lr=10.0)
    process = begin(run)
    family = until(lambda: process.children(recursive=True))
    process.wait(120)
    print(run.status.error)
    assert run.status.state == "failed"
    assert re.match(r"loss became (nan|inf) at step \d+: lower lr \(it was 10\)", run.status.error)
    assert not alive(family)


@pytest.mark.slow
def test_a_rank_that_is_killed_takes_its_run_with_it_which_the_engine_resumes():
    run = training("hit", epochs=30)
    working = Thread(target=worker.run_job, args=(str(run.folder), {**os.environ, **ENV}))
    working.start()
    until(run.checkpoint)
    rank = next(p for p in psutil.Process().children(recursive=True) if "-u" in p.cmdline() and "--" not in p.cmdline())
    rank.kill()
    until(lambda: run.status.attempts == 2)
    working.join()
    assert (run.status.state, run.status.error, run.status.attempts) == ("done", None, 2)


def test_a_rank_that_is_killed_is_told_in_words_where_nobody_resumes_it():
    with pytest.raises(Refused, match="ended by SIGKILL"):
        launcher.give_up(launcher.SIGNAL + signal.SIGKILL, "RuntimeError: connection closed by peer")
    with pytest.raises(Refused, match=r"^lower lr$"):
        launcher.give_up(1, "lower lr")


def test_more_devices_than_gpus_are_refused_and_a_processor_is_shared(monkeypatch):
    launcher.check(16)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    launcher.check(2)
    with pytest.raises(Refused, match="devices 3 is more than the 2 GPUs here: choose 1 to 2"):
        launcher.check(3)


def test_the_run_is_held_as_long_as_torchrun_lives():
    with training("held").lock() as lock:
        assert lock in launcher.descriptors()


@pytest.mark.parametrize(("threads", "machine", "share"), [(8, "1", "4"), (0, "6", "3"), (0, "1", "1")])
def test_ranks_share_the_threads(threads, machine, share, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", machine)
    monkeypatch.setenv("MKL_NUM_THREADS", machine)
    given = launcher.environment(TrainConfig(devices=2, threads=threads), "")
    assert {given[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")} == {share}


def test_ranks_import_this_source_from_any_folder(tmp_path):
    paths = launcher.environment(TrainConfig(devices=2), "")["PYTHONPATH"].split(os.pathsep)
    code = "import explorer; print(explorer.__file__)"
    bare = [sys.executable, "-c", code]
    found = subprocess.run(bare, env={"PYTHONPATH": paths[0]}, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).parents[1] == runs.REPOSITORY
