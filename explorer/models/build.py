"""A method, or a bare encoder, before its first step; and whether it fits the data."""

from typing import Any

import torch

from explorer import Refused
from explorer.core import ENCODERS, DataSpec, Encoder, Method, MethodConfig, TrainConfig, seeded
from explorer.data import DataSet
from explorer.methods import METHODS
from explorer.models.model import Network
from explorer.nn import builder


def fresh(method: str, hyperparameters: dict[str, Any], cfg: TrainConfig, spec: DataSpec) -> Method:
    """A method before its first step, drawn from the run's seed; raises `Refused` where the data does not fit."""
    cls = METHODS.choose(method)
    config = cls.hyperparameters(hyperparameters)
    check_fit(method, config, cfg, spec)
    with seeded(cfg.seed):
        return cls(config, spec, builder(cfg, spec))


def check_fit(method: str, hyperparameters: MethodConfig, cfg: TrainConfig, spec: DataSpec) -> str:
    """Raises `Refused` with the rule that this data breaks, the method's, its hyperparameters' or the encoder's.

    Returns a warning about hyperparameters that are allowed but do on this data what nobody would expect; else "".
    """
    cls = METHODS[method]
    if rule := cls.info.needs.unmet(spec):
        raise Refused(f"{method} {rule}: choose another data set")
    least = ENCODERS[cfg.encoder].min_size
    if spec.modality == "image" and spec.size < least:
        raise Refused(f"encoder {cfg.encoder} needs at least {least}x{least} pixels, not {spec.size}: raise size")
    if rule := _unfit_for_pooling(cls, cfg, spec) or _unfit_for_half(cls, cfg, spec):
        raise Refused(rule)
    if rule := cls.incompatible(hyperparameters, spec, cfg):
        raise Refused(f"{method} {rule}")
    warning = hyperparameters.warning(spec)
    return f"{method} {warning}" if warning else ""


def _unfit_for_pooling(method: type[Method], cfg: TrainConfig, spec: DataSpec) -> str:
    """Why the feature map of this network has not as many places as means are wanted; empty where it has."""
    if cfg.pooling == 1:
        return ""
    if not (method.uses_encoder and ENCODERS[cfg.encoder].any_size):
        who = f"encoder {cfg.encoder}" if method.uses_encoder else method.info.name
        return f"{who} has no feature map with several places: set pooling to 1"
    side = _map_side(cfg, spec)
    if cfg.pooling <= side:
        return ""
    image, most = f"{spec.size}x{spec.size}", f"{side} or less" if side > 1 else "1"
    return (
        f"encoder {cfg.encoder} makes of an image of {image} a feature map of {side}x{side} places, too few for "
        f"pooling {cfg.pooling}: set pooling to {most}, or raise size"
    )


def _map_side(cfg: TrainConfig, spec: DataSpec) -> int:
    """Places in a row of the feature map; nothing is computed for it."""
    with torch.device("meta"):
        features = builder(cfg, spec)().eval().feature_map(torch.empty(1, *spec.shape))
    return features.shape[-1]


def _unfit_for_half(method: type[Method], cfg: TrainConfig, spec: DataSpec) -> str:
    """Why no step can be made at half the resolution; empty where it can."""
    if cfg.half_resolution == 0:
        return ""
    kind = ENCODERS[cfg.encoder]
    if not (method.any_size and kind.any_size):
        who = f"encoder {cfg.encoder}" if method.any_size else method.info.name
        return f"{who} learns from images of one size: set half_resolution to 0"
    least = max(kind.min_size, method.info.needs.min_size)
    if spec.size // 2 >= least:
        return ""
    return (
        f"half of {spec.size} pixels is less than the {least} that {method.info.name} needs with encoder "
        f"{cfg.encoder}: set half_resolution to 0, or raise size"
    )


def network(ref: str, title: str, method: Method, train: TrainConfig, recipe: str = "") -> Network:
    """The model that a method is."""

    def rebuild(seed: int) -> Method:
        cfg = train.model_copy(update={"seed": seed})
        return fresh(method.info.name, method.cfg.model_dump(), cfg, method.spec)

    return Network(ref, title, method, method.spec, rebuild, recipe)


def untrained_encoder(ref: str, title: str, dataset: DataSet, cfg: TrainConfig) -> Network:
    """A bare encoder for the images of a data set, drawn from the seed of `cfg`."""
    spec = DataSpec.of(dataset, dataset.classes, len(dataset.splits["train"].x))

    def build(seed: int) -> Encoder:
        with seeded(seed):
            return builder(cfg, spec)()

    return Network(ref, title, build(cfg.seed), spec, build, architecture(cfg))


def architecture(cfg: TrainConfig) -> str:
    """All that decides an encoder for given images besides its weights."""
    return f"{cfg.encoder}, width {cfg.width}, pooling {cfg.pooling}"
