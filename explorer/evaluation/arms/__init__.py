"""The arms of a transfer: ways to use a pretrained encoder on a few labels of another data set, one file each.

Importing this package imports every file in it, so a new file is a new arm: it then stands in the form, on the command
line, on the page and in the tests. Torch-free: an arm is given its networks.
"""

from importlib import import_module
from pkgutil import iter_modules

from explorer.evaluation.arms.registry import ARMS, Arm, arm, spoken, titles

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # a broken file breaks the import, loudly

from explorer.evaluation.arms.config import DEFAULT, TransferConfig  # noqa: E402 - it lists the arms

__all__ = ["ARMS", "DEFAULT", "Arm", "TransferConfig", "arm", "spoken", "titles"]
