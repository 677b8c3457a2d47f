"""Unfold's backend: data -> views -> method -> fit -> run folder -> evaluation. It knows of no interface."""

import os

from explorer.api import load, reproduce
from explorer.errors import Refused, choose
from explorer.registry import Registry

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported: threads that spin starve each other

__all__ = ["Refused", "Registry", "choose", "load", "reproduce"]
