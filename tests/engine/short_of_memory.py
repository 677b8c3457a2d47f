"""Processes that may take only a little more memory, and train in it: what they are told, and whether that is true.

`python short_of_memory.py MIB`: prints one JSON row for each training.
"""

import json
import os
import re
import resource
import sys
from pathlib import Path

import torch

from explorer import runs
from explorer.engine import worker
from explorer.tasks.training import driver, memory
from explorer.tasks.training import request as training_request

driver.score = lambda *_: None


def attempt(mib, batch, plenty=False):
    """Trains for one epoch in a process of its own; returns the batch that it was told to choose instead, if any."""
    run = runs.create(training_request.train("simclr", "digits", {}, {"batch": batch, "epochs": 1, "encoder": "conv"}))
    if not (process := os.fork()):
        resource.setrlimit(resource.RLIMIT_AS, (size() + mib * 2**20, resource.RLIM_INFINITY))
        if plenty:  # as if it had been there at the start
            real, answers = memory.free, [2**40]
            memory.free = lambda where: answers.pop() if answers else real(where)
        worker.here(run)
        os._exit(0)
    os.waitpid(process, 0)
    status = run.status
    advised = re.search(r"choose batch (\d+) or less", status.error or "")
    print(json.dumps({"batch": batch, "state": status.state, "error": status.error}), flush=True)
    return int(advised[1]) if advised else 0


def size():
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def main(mib):
    torch.set_num_threads(1)
    for plenty in (False, True):
        if advised := attempt(mib, 1024, plenty):
            attempt(mib, advised)


if __name__ == "__main__":
    main(int(sys.argv[1]))
