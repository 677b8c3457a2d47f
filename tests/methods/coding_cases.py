"""What the tests of codes work on: a method on some digits, before and after it has learned."""

import torch

from explorer.core import unit
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.train import Fit


def made(name, hyperparameters, split, **train):
    torch.set_num_threads(1)
    cfg = METHODS[name].training({"encoder": "mlp", "width": 0.5, "batch": 100, **train})
    return fresh(name, hyperparameters, cfg, split.spec("digits")), cfg


def learned(name, hyperparameters, split, **train):
    method, cfg = made(name, hyperparameters, split, **train)
    steps = list(Fit(method, split, cfg))
    return method.eval(), steps


def flat(split):
    return unit(split.x).flatten(1).double().numpy()


CLASSICAL = {"pca": "components", "ica": "components", "dictionary": "atoms", "kmeans": "centres"}
