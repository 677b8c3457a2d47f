"""The engine's processes: what the libraries of each shall know, and how one ends with all that it has started."""

import os
import signal
from contextlib import suppress

from explorer.system.machine import KEEPS_MEMORY, cores


def libraries(slots: int) -> dict[str, str]:
    """What the libraries of a run shall know, where so many share the machine; what the user has set goes before it."""
    threads = str(max(1, cores() // max(1, slots)))
    return {
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait starve each other on a busy machine
        **KEEPS_MEMORY,
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # or torch, when asked for a GPU, starts CUDA in the forkserver
    }


def kill_tree(process: int) -> None:
    """Ends a process, its group, and all that came out of it, wherever that has gone."""
    import psutil  # a machine that only trains, without an engine, may lack it

    descendants = []
    with suppress(psutil.Error):
        descendants = psutil.Process(process).children(recursive=True)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    for descendant in descendants:
        with suppress(psutil.Error):
            descendant.kill()
