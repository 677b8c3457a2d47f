"""A save that dies or fails at any system call: what is on the disk is the old or the new, whole, and nobody lies."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from explorer import runs
from explorer.core import DataSpec, TrainConfig
from explorer.models import build
from explorer.models.weights import pack, restore
from explorer.runs import Spec, checkpoints
from tests.runs.saves import Bench, tried

ESSENTIAL = {"openat", "write", "fsync", "close", "rename", "mkdir", "unlink", "unlinkat", "rmdir", "ftruncate"}
HARMLESS = {"rt_sigaction", "rt_sigprocmask", "futex", "exit_group", "gettid", "getpid", "brk", "mmap", "munmap"}


@pytest.fixture(scope="module")
def weights():
    """Two weights files of the same small network, the second of another seed."""
    spec, files = DataSpec.image("digits", 1, 8, ("0", "1"), 10), []
    for seed in (0, 1):
        cfg = TrainConfig(encoder="mlp", seed=seed)
        files.append(pack(build.fresh("supervised", {}, cfg, spec), cfg, "none"))
    return files


class Checkpoint:
    """A new checkpoint of a run that has two, of which one will go."""

    def __init__(self, weights):
        self.content = [{"model.safetensors": w, "resume.pt": w[::-1]} for w in weights]

    def before(self, run):
        run.write_checkpoint(0, self.content[1])
        run.write_checkpoint(1, self.content[0])

    def save(self, run):
        run.write_checkpoint(2, self.content[1])

    def found(self, run):
        """0 for the old, 1 for the new, None for neither."""
        folder = run.checkpoint()
        restore(run.weights())
        digests = {file: digest((folder / file).read_bytes()) for file in self.content[0]}
        wanted = [{file: digest(data) for file, data in content.items()} for content in self.content]
        at = wanted.index(digests) if digests in wanted else None
        return at if at is not None and int(folder.name) == at + 1 else None


class First(Checkpoint):
    """The first checkpoint; there is no older one."""

    def before(self, run):
        pass

    def found(self, run):
        """0 for none."""
        return super().found(run) if run.checkpoint() else 0


class Both(Checkpoint):
    """A checkpoint that is the best one, too: the weights have two names."""

    def before(self, run):
        run.write_checkpoint(0, self.content[1], "best", "last")
        run.write_checkpoint(1, self.content[0], "best", "last")

    def save(self, run):
        run.write_checkpoint(2, self.content[1], "best", "last")

    def found(self, run):
        """What the last is; the best is never older than that."""
        last, best = int(run.weights().parent.name), int(run.weights("best").parent.name)
        return super().found(run) if best >= last else None


class Result:
    """The result of a job, made anew."""

    def __init__(self, _weights):
        self.content = [np.arange(1000), np.arange(1000) * 2]

    def before(self, run):
        run.write_result(x=self.content[0])

    def save(self, run):
        run.write_result(x=self.content[1])

    def found(self, run):
        x = run.result()["x"]
        return next((at for at, content in enumerate(self.content) if np.array_equal(x, content)), None)


class State:
    """The status of a run, which no manifest covers."""

    def __init__(self, _weights):
        pass

    def before(self, run):
        run.update(state="running", step=1)

    def save(self, run):
        run.update(step=2, message="x" * 5000)

    def found(self, run):
        status = run.status
        return status.step - 1 if status.state == "running" else None


def digest(data):
    return hashlib.sha256(data).hexdigest()


# ------------------------------------------------------------------------------------------------ what must hold


@pytest.fixture
def bench(tmp_path, weights):
    """`bench(Kind)` gives the calls that a save makes; `bench.try_at(...)` makes one go wrong."""
    if shutil.which("strace") is None:
        pytest.skip("inconclusive: there is no strace here")
    return Bench(tmp_path, weights)


@pytest.mark.parametrize("kind", [Checkpoint, First])
def test_a_checkpoint_killed_at_any_call_is_the_old_or_the_new(bench, kind):
    tried(bench, kind, ESSENTIAL.__contains__, ["signal=KILL"])


@pytest.mark.parametrize("kind", [Result, State])
def test_what_replaces_a_file_is_the_old_or_the_new_when_killed_at_any_call(bench, kind):
    tried(bench, kind, ESSENTIAL.__contains__, ["signal=KILL"])


@pytest.mark.parametrize("fault", ["error=ENOSPC", "error=EIO"])
def test_a_failing_disk_is_told_and_the_old_checkpoint_stays(bench, fault):
    tried(bench, Checkpoint, ESSENTIAL.__contains__, [fault])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Checkpoint, First, Both, Result, State])
def test_every_system_call_of_a_save_may_be_its_last_or_fail(bench, kind):
    faults = ["signal=KILL", "error=ENOSPC", "error=EIO"]
    tried(bench, kind, lambda call: call not in HARMLESS, faults)


@pytest.mark.parametrize("kind", [Checkpoint, First, Result, State])
def test_every_file_is_on_the_disk_before_it_gets_its_name_and_the_name_after(bench, kind):
    counted = bench.calls(kind)
    named = bench.order.index("rename")
    before, after = bench.order[:named], bench.order[named:]
    print(f"{kind.__name__}: {counted['write']} writes, {before.count('fsync')} fsyncs before the name, then another")
    assert "write" not in after
    assert before.count("fsync") >= before.count("write") > 0
    assert "fsync" in after


FULL_DISK = """
import errno, os, sys
from pathlib import Path
from explorer import Refused, runs
from explorer.runs import Spec

root = Path(os.environ["EXPLORER_RUNS"])
run = runs.create(Spec(kind="train", title="one", dataset="digits"))
run.update(state="running")
run.write_checkpoint(1, {"model.safetensors": b"a" * 100_000, "resume.pt": b"b" * 100_000})
try:
    with (root / "filler").open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
except OSError as error:
    assert error.errno == errno.ENOSPC, error
try:
    run.write_checkpoint(2, {"model.safetensors": b"c" * 100_000, "resume.pt": b"d" * 100_000})
    print("saved")
except OSError as error:
    print("not saved:", errno.errorcode[error.errno])
print("checkpoint", run.checkpoint().name)
try:
    runs.create(Spec(kind="train", title="two", dataset="digits"))
except Refused as refused:
    print("refused:", refused)
run.update(state="failed", error="The disk is full. " * 50)
print(run.status.state, len(run.status.error), {path.name for path in root.iterdir()} == {run.id, "filler"})
(root / "filler").unlink()
child = runs.create(Spec(kind="train", title="three", dataset="digits", parent=run.id, relation="continue"))
print("goes on from", child.checkpoint().name)
"""


def test_on_a_full_disk_the_old_checkpoint_stays_and_the_failure_is_written_down(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = f'mount -t tmpfs -o size=1m none {place} 2>/dev/null || exit 77; exec {sys.executable} -c "$CODE"'
    environment = {**os.environ, "CODE": textwrap.dedent(FULL_DISK), "EXPLORER_RUNS": str(place)}
    words = ["unshare", "-m", "sh", "-c", mount]
    if shutil.which("unshare") is None:
        pytest.skip("inconclusive: there is no unshare here")
    told = subprocess.run(words, env=environment, capture_output=True, text=True, cwd=runs.REPOSITORY)
    if told.returncode == 77 or "Operation not permitted" in told.stderr:
        pytest.skip("inconclusive: no disk may be mounted here")
    assert told.returncode == 0, told.stderr
    print(told.stdout)
    assert told.stdout.splitlines() == [
        f"not saved: {errno.errorcode[errno.ENOSPC]}",
        "checkpoint 000001",
        "refused: the disk that holds the runs is full: free some space, then ask again",
        "failed 900 True",
        "goes on from 000001",
    ]


@pytest.mark.parametrize("file", ["model.safetensors", "resume.pt"])
@pytest.mark.parametrize("harm", ["cut", "bit", "gone", "grown"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before_it_and_the_run_says_so(weights, file, harm):
    run = runs.create(Spec(kind="train", title="one", dataset="digits"))
    for step, data in enumerate(weights, 1):
        run.write_checkpoint(step, {"model.safetensors": data, "resume.pt": data})
    assert (int(run.checkpoint().name), run.damage()) == (2, "")
    damage(run.checkpoint() / file, harm)
    assert int(run.checkpoint().name) == 1
    assert run.damage() == "Its checkpoint of step 2 is damaged; the one of step 1 is used."
    restore(run.weights())
    damage(run.checkpoint() / "model.safetensors", harm)
    assert run.checkpoint() is None
    assert run.damage() == "Its checkpoints are damaged."


def damage(path, harm):
    data = path.read_bytes()
    harmed = {"cut": data[:-1], "grown": data + b"!", "bit": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]}
    path.unlink() if harm == "gone" else path.write_bytes(harmed[harm])


def test_two_checkpoints_are_kept_and_a_damaged_one_is_not_one_of_them(weights):
    run, content = runs.create(Spec(kind="train", title="one", dataset="digits")), {}
    for step in (1, 2, 3):
        content = {"model.safetensors": weights[0], "resume.pt": weights[1]}
        run.write_checkpoint(step, content)
    assert checkpoints.steps(run.folder, "last") == [3, 2]
    damage(run.checkpoint() / "resume.pt", "bit")
    run.write_checkpoint(4, content)
    assert checkpoints.steps(run.folder, "last") == [4, 2]
