"""What may be asked of the engine: each function checks a request completely and returns the spec that fulfils it.

Only requests to train import torch: a page asks for a stored map before anything heavy is there.
"""

from explorer.tasks.ablation import ablated, control_runs, control_spec, restored, restored_spec
from explorer.tasks.checks import known_data, known_hyperparameters, known_training
from explorer.tasks.request import request
from explorer.tasks.training.request import continue_spec, differences, resumable, sweep, train, warning

__all__ = [
    "ablated",
    "continue_spec",
    "control_runs",
    "control_spec",
    "differences",
    "known_data",
    "known_hyperparameters",
    "known_training",
    "request",
    "restored",
    "restored_spec",
    "resumable",
    "sweep",
    "train",
    "warning",
]
