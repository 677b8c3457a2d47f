"""What one wants of a representation: the lectures' eight desiderata, one file each, measured for a report card.

Importing this package imports every file in it, so a new file is a new row of the card.
"""

from importlib import import_module
from pkgutil import iter_modules

from explorer.evaluation.desiderata.registry import DESIDERATA, Desideratum, Found, Number, Subject, desideratum

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # a broken file breaks the import, loudly

__all__ = ["DESIDERATA", "Desideratum", "Found", "Number", "Subject", "desideratum"]
