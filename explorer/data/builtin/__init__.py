"""One file per data set. Importing this package imports every file in it, so a new file is a new data set."""

from importlib import import_module
from pkgutil import iter_modules

from explorer.data.registry import EMBEDDED

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # a broken file breaks the import, loudly

__all__ = ["EMBEDDED"]
