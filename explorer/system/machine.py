"""What this machine has to offer, found without importing torch."""

import os
import platform
import shutil
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from explorer import runs
from explorer.system import cgroups, settings

GIB = 2**30
CUDA_DRIVER = Path("/proc/driver/nvidia/gpus")
DEVICES = Path("/dev")
# What a process that trains tells glibc. Dask asks it to give memory back above 64 KiB, and a step asks for it again,
# page by page: a training step took 1.2 to 1.4 times as long. What a network frees is needed by its next step.
KEEPS_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(512 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),  # the largest that glibc allows
}


def machine() -> dict[str, str | int | float]:
    """Cores, memory and free disk in GiB, platform, device, Python; and torch if it is installed."""
    place = next(folder for folder in (runs.root(), *runs.root().parents) if folder.exists())
    facts: dict[str, str | int | float] = {
        "cores": cores(),
        "memory": round(_memory() / GIB, 1),
        "disk_free": round(shutil.disk_usage(place).free / GIB, 1),
        "platform": f"{platform.system()} {platform.machine()}",
        "device": describe_device(),
        "python": platform.python_version(),
    }
    with suppress(PackageNotFoundError):
        facts["torch"] = version("torch")
    return facts


def cores() -> int:
    """The cores that this process may use: fewer than the machine has, inside a container."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for folder in cgroups.folders("cpu"):
        with suppress(OSError, ValueError):
            quota, period = map(int, (folder / "cpu.max").read_text().split())
            mine = min(mine, max(1, quota // period))
    return mine


def gpus() -> list[str]:
    """The GPUs that torch will see, by the names that CUDA_VISIBLE_DEVICES gives them; EXPLORER_GPUS sets their number.

    Found without CUDA: whoever has started it cannot hide a GPU from the processes that come after.
    """
    if (number := settings.given("GPUS")) is not None:
        return [str(n) for n in range(int(number))]
    with suppress(PackageNotFoundError):
        if not version("torch").endswith("+cpu"):
            shown = os.environ.get("CUDA_VISIBLE_DEVICES")
            there = sum(path.name[6:].isdecimal() for path in DEVICES.glob("nvidia[0-9]*"))
            chosen = shown.split(",") if shown is not None else map(str, range(there))
            return [name.strip() for name in chosen if name.strip() not in ("", "-1")] if there else []
    return []


def memory_kills() -> int:
    """How many processes of this control group the kernel has ended because memory was short."""
    for file in (folder / name for folder in cgroups.folders() for name in ("memory.events", "memory.oom_control")):
        with suppress(OSError):
            if "oom_kill" in (counts := cgroups.table(file)):
                return counts["oom_kill"]
    return 0


def _memory() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for folder in cgroups.folders():
        with suppress(OSError, ValueError):
            memory = min(memory, int((folder / "memory.max").read_text()))
    return memory


def processor() -> str:
    """The name of the processor."""
    return _of_processor("model name") or platform.processor() or platform.machine()


def has_bfloat16() -> bool:
    """Whether the processor says that it has instructions for bfloat16."""
    return not {"amx_bf16", "avx512_bf16"}.isdisjoint(_of_processor("flags").split())


def _of_processor(field: str) -> str:
    """What Linux says about the first core; empty where it says nothing."""
    try:
        lines = (cgroups.PROC / "cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def describe_device(cpu: str = "cpu") -> str:
    """The name of the CUDA device that torch will use, or else these words for the processor.

    Found without importing torch; `models.devices` says it of a device that torch names.
    """
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "cuda"):
        return torch.cuda.get_device_name() if torch.cuda.is_available() else cpu
    with suppress(PackageNotFoundError, OSError):
        if not version("torch").endswith("+cpu"):
            for facts in sorted(CUDA_DRIVER.glob("*/information")):
                return next(
                    line.partition(":")[2].strip()
                    for line in facts.read_text().splitlines()
                    if line.startswith("Model:")
                )
    return cpu
