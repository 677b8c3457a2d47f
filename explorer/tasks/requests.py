"""What may be asked of the engine: each function checks a wish completely and returns the spec that fulfils it.

Only wishes with knobs import torch: a page asks for a stored map before anything heavy is there.
"""

from explorer.tasks.ablation import broken, cured, healed, healthy_twin, twins
from explorer.tasks.checks import known_data, known_knobs, known_training, origin, spec, wish
from explorer.tasks.looks import chart, embed, evaluate, export, transfer
from explorer.tasks.training.request import continued, differences, remark, resumable, sweep, train

__all__ = [
    "broken",
    "chart",
    "continued",
    "cured",
    "differences",
    "embed",
    "evaluate",
    "export",
    "healed",
    "healthy_twin",
    "known_data",
    "known_knobs",
    "known_training",
    "origin",
    "remark",
    "resumable",
    "spec",
    "sweep",
    "train",
    "transfer",
    "twins",
    "wish",
]
