"""One description of the device, in the forms that records of before have."""

import re
import subprocess
import sys

import pytest
import torch

from explorer.benchmarks.trial import hardware
from explorer.models import devices
from explorer.tasks.training.checkpointing import environment
from tests import rank_work

machine = sys.modules["explorer.system.machine"]
CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def gpu(monkeypatch):
    """torch has a GPU, as far as it says."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "NVIDIA H100 80GB HBM3")


@pytest.fixture(params=[1, 2])
def threads(request):
    """So many threads, and how they are called."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield "1 thread" if request.param == 1 else "2 threads"
    torch.set_num_threads(before)


def test_a_processor_is_described_by_its_threads_its_name_or_its_arithmetic(threads, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: AMD EPYC\nprocessor\t: 1\nmodel name\t: other\n")
    monkeypatch.setattr(machine.cgroups, "PROC", tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert machine.describe_device() == machine.machine()["device"] == "cpu"
    assert devices.describe(CPU) == f"cpu, {threads}"
    assert devices.describe(CPU, 2) == f"2 × cpu, {threads}"
    assert hardware() == f"AMD EPYC, {threads}"
    assert re.fullmatch(r"cpu \([A-Z0-9]+\)", environment(rank_work.fitted("autoencoder"))["device"])


def test_a_gpu_is_described_by_its_name_alone(gpu):
    name = "NVIDIA H100 80GB HBM3"
    assert [machine.describe_device(), machine.machine()["device"], devices.describe(CUDA), hardware()] == [name] * 4
    assert (devices.describe(CUDA, 2), devices.arithmetic(CUDA)) == (f"2 × {name}", name)


def test_a_processor_beside_a_gpu_is_not_taken_for_it(gpu):
    assert devices.describe(CPU).startswith("cpu, ") and devices.arithmetic(CPU).startswith("cpu (")


def test_a_gpu_is_named_without_torch(tmp_path, monkeypatch):
    (tmp_path / "0000:01:00.0").mkdir()
    (tmp_path / "0000:01:00.0/information").write_text("Model: \t\t NVIDIA H100\nIRQ: 7\n")
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(machine, "CUDA_DRIVER", tmp_path)
    monkeypatch.setattr(machine, "version", lambda _: "2.13.0+cu130")
    assert machine.describe_device() == "NVIDIA H100"
    code = "import sys; from explorer.system.machine import describe_device as d; d(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
