"""Work for the engine's tests: `params["do"]` says which; it runs in the run's own process and imports little."""

import os
import signal
import subprocess
import sys
import time

from explorer import Refused


def perform(run):
    run.update(device="cpu", steps=run.spec.params.get("steps", 0))
    globals()[run.spec.params["do"]](run)


def count(run):
    """One row every 20 ms, to the end or until it is stopped."""
    start = len(run.metrics())
    for step in range(start + 1, run.spec.params["steps"] + 1):
        if run.stop_requested():
            return
        run.append({"step": step, "torch": "torch" in sys.modules, "at": time.time()})
        run.update(step=step)
        time.sleep(0.02)


def deaf(run):
    """Does not look at the stop file, and has a child that went its own way."""
    run.append({"child": subprocess.Popen(["sleep", "600"], start_new_session=True).pid})
    time.sleep(600)


def die(run):
    """Dies like a process that the kernel kills when memory is short."""
    run.append({"attempt": run.status.attempts})
    print("allocating a great deal")
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(run):
    """Dies in the first attempt only."""
    if run.status.attempts == 1:
        run.append({"step": 1})
        os.kill(os.getpid(), signal.SIGKILL)
    count(run)


def refuse(run):
    raise Refused("digits are 8 pixels wide; choose a data set of at least 16")


def stumble(run):
    raise ZeroDivisionError("division by zero\nsecond line")


def where(run):
    """Tells what surrounds it."""
    memory = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
    names = ("EXPLORER_DATA", "OMP_NUM_THREADS", "OMP_WAIT_POLICY", *memory)
    run.write_scores(
        {name: os.environ.get(name) for name in names} | {"threads": sys.modules["torch"].get_num_threads()}
    )


def hoard(run):
    """Takes memory until the system ends it."""
    run.append({"attempt": run.status.attempts})
    kept = []
    while True:
        kept.append(b"x" * (16 * 2**20))


def shows(run):
    """Tells which GPUs it would see, and keeps them until it is stopped."""
    run.append({"gpus": os.environ.get("CUDA_VISIBLE_DEVICES"), "started": "torch" in sys.modules})
    while not run.stop_requested():
        time.sleep(0.02)


def where_it_runs(run):
    """Tells the address of the machine that it is on."""
    import psutil

    time.sleep(0.5)
    own = [one.address for name, many in psutil.net_if_addrs().items() if name != "lo" for one in many]
    run.write_scores({"address": next((a for a in own if a.startswith("10.213.7.") and not a.endswith(".1")), "")})


def owner(run):
    """Leaves its name."""
    run.append({"owner": os.getpid()})
    time.sleep(0.05)
