"""The contracts: what data, an encoder, a method and knobs are. Imports nothing of ours but the error type."""

from explorer.core.config import Config, MethodConfig, TrainConfig, breaks
from explorer.core.data import Batch, DataSpec, Needs, Split, pixels, unit
from explorer.core.distributed import ALONE, Ranks
from explorer.core.encoder import Build, Encoder, encoder
from explorer.core.method import Info, Method, method
from explorer.core.registry import ENCODERS, METHODS, Registry
from explorer.core.seeding import address, drawn_from, reseed

__all__ = [
    "ALONE",
    "ENCODERS",
    "METHODS",
    "Batch",
    "Build",
    "Config",
    "DataSpec",
    "Encoder",
    "Info",
    "Method",
    "MethodConfig",
    "Needs",
    "Ranks",
    "Registry",
    "Split",
    "TrainConfig",
    "address",
    "breaks",
    "drawn_from",
    "encoder",
    "method",
    "pixels",
    "reseed",
    "unit",
]
