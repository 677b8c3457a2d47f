"""Randomness with an address: nothing to save, nothing to restore, and the same on every machine and device."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch
from torch import Generator


def generator(seed: int, *what: object, device: str | torch.device = "cpu") -> Generator:
    """A generator for one purpose, such as the order of epoch 3: nothing to save, nothing to restore."""
    digest = hashlib.blake2b(f"{seed}:{what}".encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "little") >> 1)


def reseed(seed: int, *what: object) -> None:
    """Give the process's own generator (dropout) the state of an address; only in a process that has one task."""
    number = generator(seed, *what).initial_seed()
    if torch.cuda.is_initialized() or torch.backends.mps.is_available():
        torch.manual_seed(number)
    else:  # the other would write down a stack trace for GPUs that nobody uses, 0.6 ms at every step
        torch.default_generator.manual_seed(number)


_drawing = Lock()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Weights initialised in this block are those of the seed: one thread at a time; no other random state changes."""
    with _drawing, torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
