"""What may be asked of the engine: each function checks a wish completely and returns the spec that fulfils it.

Only wishes with hyperparameters import torch: a page asks for a stored map before anything heavy is there.
"""

from explorer.tasks.ablation import ablated, control_runs, control_spec, restored, restored_spec
from explorer.tasks.checks import known_data, known_hyperparameters, known_training, origin, spec, wish
from explorer.tasks.looks import chart, embed, evaluate, export, transfer
from explorer.tasks.training.request import continued, differences, resumable, sweep, train, warning

__all__ = [
    "ablated",
    "chart",
    "continued",
    "control_runs",
    "control_spec",
    "differences",
    "embed",
    "evaluate",
    "export",
    "known_data",
    "known_hyperparameters",
    "known_training",
    "origin",
    "restored",
    "restored_spec",
    "resumable",
    "spec",
    "sweep",
    "train",
    "transfer",
    "warning",
    "wish",
]
