"""Imports torch in the background, once per server, after the first page stands: no click then waits for it.

It also measures how fast this processor is in bfloat16, which the form of a training says; once on each machine.

UMAP is not warmed here: maps are jobs, and the process that draws a machine's first one compiles it.
"""

import importlib
import sys
import threading
from functools import cache

HEAVY = "explorer.methods"  # brings torch
PATIENCE = 2.0  # seconds: the browser is still painting, and the machine may have two cores


def _import() -> None:
    importlib.import_module(HEAVY)
    importlib.import_module("explorer.models.bfloat16").recommendation()


def done() -> bool:
    """Whether torch is there, so that asking for it keeps nobody waiting."""
    module = sys.modules.get(HEAVY)  # it stands there from the first moment of its import on
    return module is not None and not getattr(module.__spec__, "_initializing", False)


@cache
def start() -> threading.Timer:
    """Start the one background thread of this server; further calls return it."""
    timer = threading.Timer(PATIENCE, _import)
    timer.daemon = True
    timer.start()
    return timer
