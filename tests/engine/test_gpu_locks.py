"""Slots and GPUs: how many trainings run at once, and which GPU each of them sees. No GPU is needed here."""

import subprocess
import sys

import pytest

from explorer import engine, runs
from explorer.engine import gpu_locks, resources, worker
from explorer.runs import locks
from tests.engine.tools import spec, state, until

machine = sys.modules["explorer.system.machine"]


@pytest.fixture(autouse=True)
def own_locks(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(gpu_locks.tempfile, "tempdir", None)


def test_there_is_one_slot_for_each_gpu_and_one_without(monkeypatch):
    monkeypatch.setattr(machine, "DEVICES", machine.DEVICES / "null")
    assert (resources.slots(), resources.offer()) == (1, {"training": 1, "interactive": 1})
    monkeypatch.setenv("EXPLORER_GPUS", "4")
    assert (resources.slots(), resources.offer()) == (4, {"training": 4, "interactive": 1, "GPU": 4})
    monkeypatch.setenv("EXPLORER_SLOTS", "2")
    assert (resources.slots(), resources.offer()) == (2, {"training": 2, "interactive": 1, "GPU": 4})


def test_as_many_trainings_as_slots_share_a_gpu(monkeypatch):
    monkeypatch.setenv("EXPLORER_GPUS", "1")
    monkeypatch.setenv("EXPLORER_SLOTS", "2")
    offer = resources.offer()
    one, two = runs.create(spec()), runs.create(spec())
    for name, n in (needed := resources.needs(one, [offer])).items():
        assert offer[name] >= 2 * n, "both are started at once"
    assert resources.lack(needed, [offer]) == ""
    assert resources.capacity("training") == 2, "as the estimates have it"
    with gpu_locks.reserve(one) as (mine, _), gpu_locks.reserve(two) as (other, _):
        assert mine == other == {"CUDA_VISIBLE_DEVICES": "0"}
    assert gpu_locks._lock("0").parent.stat().st_mode & 0o777 == 0o700


def test_gpus_are_counted_without_torch_and_only_those_that_are_shown(tmp_path, monkeypatch):
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    monkeypatch.setattr(machine, "DEVICES", tmp_path)
    monkeypatch.setattr(machine, "version", lambda _: "2.13.0+cu130")
    assert machine.gpus() == ["0", "1"]
    for shown, names in {"1": ["1"], "": [], "-1": [], "GPU-a1,GPU-b2": ["GPU-a1", "GPU-b2"]}.items():
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
        assert machine.gpus() == names
    monkeypatch.setattr(machine, "version", lambda _: "2.13.0+cpu")
    assert machine.gpus() == []


def test_each_training_has_a_gpu_of_its_own_and_leaves_it_when_it_ends(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_GPUS", "2")
    first, second, third = (engine.submit(spec("shows")) for _ in range(3))
    visible = {until(run.metrics)[0]["gpus"] for run in (first, second)}
    assert visible == {"0", "1"} and third.status.state == "queued"
    engine.request_stop(second.id)
    assert until(third.metrics)[0]["gpus"] == second.metrics()[0]["gpus"]
    for run in (first, third):
        engine.request_stop(run.id)
        state(run, "stopped")
    until(lambda: not any(locks.held(gpu_locks._lock(name)) for name in machine.gpus()), 5)


def test_a_run_on_two_devices_has_two_gpus_and_another_engine_sees_them_taken(monkeypatch):
    monkeypatch.setenv("EXPLORER_GPUS", "3")
    wide, narrow, chart = runs.create(spec(train={"devices": 2})), runs.create(spec()), runs.create(spec(kind="map"))
    with gpu_locks.reserve(wide) as (shown, held), gpu_locks.reserve(narrow) as (other, _):
        assert (shown, len(held), other) == ({"CUDA_VISIBLE_DEVICES": "0,1"}, 2, {"CUDA_VISIBLE_DEVICES": "2"})
        with gpu_locks.reserve(chart) as (borrowed, none):
            assert (borrowed, none) == ({"CUDA_VISIBLE_DEVICES": "0"}, [])
    with gpu_locks.reserve(narrow) as (shown, _):
        assert shown == {"CUDA_VISIBLE_DEVICES": "0"}
    monkeypatch.setenv("EXPLORER_GPUS", "0")
    with gpu_locks.reserve(narrow) as reserved:
        assert reserved == ({}, [])


CPU = {"training": 1, "interactive": 1}
SMALL, LARGE = {**CPU, "GPU": 1}, {"training": 4, "interactive": 1, "GPU": 4}


@pytest.mark.parametrize(
    ("devices", "offers", "asked", "words"),
    [
        (1, [CPU], {"training": 1}, ""),
        (4, [CPU], {"training": 1}, ""),  # its ranks share the cores
        (1, [CPU, SMALL], {"training": 1, "GPU": 1}, ""),
        (4, [SMALL, LARGE], {"training": 4, "GPU": 4}, ""),
        (
            4,
            [CPU, SMALL],
            {"training": 4, "GPU": 4},
            "It needs 4 training slots and 4 GPUs of one worker, and the largest has 1 training slot",
        ),
        (
            1,
            [{}, {"memory": 1}],
            {"training": 1},
            "No worker offers a training slot: start one with python -m explorer.engine worker",
        ),
    ],
)
def test_a_training_asks_for_what_its_devices_need(devices, offers, asked, words):
    run = runs.create(spec(train={"devices": devices}))
    assert resources.needs(run, offers) == asked
    said = resources.lack(asked, offers)
    assert said.startswith(words) and bool(said) == bool(words)


@pytest.mark.parametrize(("offers", "occupied"), [([CPU, CPU], 1), ([SMALL, LARGE], 4)])
def test_a_run_occupies_what_it_asks_the_workers_for(offers, occupied):
    resources.remember(offers)
    run = runs.create(spec(train={"devices": 4}))
    assert resources.occupied(run.spec) == occupied == resources.needs(run, offers)["training"]


def test_a_map_asks_for_the_interactive_pool():
    assert resources.needs(runs.create(spec(kind="map")), [LARGE]) == {"interactive": 1}


def test_a_run_that_is_too_large_waits_and_says_so(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_GPUS", "1")
    large, small = engine.submit(spec(train={"devices": 2})), engine.submit(spec())
    state(small, "done")  # it holds up nobody
    assert large.status.state == "queued" and large.status.message.startswith("It needs 2 training slots and 2 GPUs")
    engine.request_stop(large.id)
    assert large.status.state == "stopped"


def test_what_the_forkserver_imports_does_not_start_cuda():
    """A process in which CUDA has been started cannot hide a GPU from itself, and its children cannot use one."""
    code = f"""
import sys, torch
asked = []
for name in ("_lazy_init", "device_count", "is_available", "current_device", "get_device_properties"):
    setattr(torch.cuda, name, lambda *_, name=name: asked.append(name) or 0)
for name in {worker.PRELOAD.split(",")}:
    __import__(name)
print(asked, torch.cuda.is_initialized(), "explorer" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[] False False", done.stderr
