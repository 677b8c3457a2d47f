"""A method, or a bare encoder, before its first step; and whether it fits the data."""

from typing import Any

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
    if rule := _unfit_for_parts(cls, cfg):
        raise Refused(rule)
    if rule := cls.incompatible(hyperparameters, spec, cfg):
        raise Refused(f"{method} {rule}")
    warning = hyperparameters.warning(spec)
    return f"{method} {warning}" if warning else ""


def _unfit_for_parts(method: type[Method], cfg: TrainConfig) -> str:
    """Why this network has no parts of a map to take the means of, or takes no images of half the resolution."""
    flexible = ENCODERS[cfg.encoder].any_size
    if cfg.pooling > 1 and not (flexible and method.uses_encoder):
        who = f"encoder {cfg.encoder}" if method.uses_encoder else method.info.name
        return f"{who} has no feature map with several places: set pooling to 1"
    if cfg.half_resolution and not (flexible and method.any_size):
        who = f"encoder {cfg.encoder}" if method.any_size else method.info.name
        return f"{who} learns from images of one size: set half_resolution to 0"
    return ""


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

    return Network(ref, title, build(cfg.seed), spec, build, f"{cfg.encoder}, width {cfg.width}")
