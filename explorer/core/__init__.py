"""The contracts: what data, an encoder, a method and a configuration are. Imports nothing of ours but the errors."""

from explorer.config import Config
from explorer.core.config import MethodConfig, TrainConfig, ablates
from explorer.core.data import Batch, CropSpec, DataSpec, Needs, Split
from explorer.core.distributed import SINGLE, ProcessGroup
from explorer.core.encoder import Build, Encoder, encoder
from explorer.core.method import Info, Method, method
from explorer.core.modality import MODALITIES, pixels, unit
from explorer.core.registry import ENCODERS, METHODS
from explorer.core.seeding import generator, reseed, seeded

__all__ = [
    "ENCODERS",
    "METHODS",
    "MODALITIES",
    "SINGLE",
    "Batch",
    "Build",
    "Config",
    "CropSpec",
    "DataSpec",
    "Encoder",
    "Info",
    "Method",
    "MethodConfig",
    "Needs",
    "ProcessGroup",
    "Split",
    "TrainConfig",
    "ablates",
    "encoder",
    "generator",
    "method",
    "pixels",
    "reseed",
    "seeded",
    "unit",
]
