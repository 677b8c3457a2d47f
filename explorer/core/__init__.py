"""The contracts: what data, an encoder, a method and knobs are. Imports nothing of ours but the error type."""

from explorer.core.contract import Info, Method, method
from explorer.core.data import Batch, DataSpec, Needs, Split, pixels, unit
from explorer.core.knobs import Config, MethodConfig, TrainConfig, breaks
from explorer.core.networks import Build, Encoder, encoder
from explorer.core.randomness import address, drawn_from, reseed
from explorer.core.ranks import ALONE, Ranks
from explorer.core.registry import ENCODERS, METHODS, Registry

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
