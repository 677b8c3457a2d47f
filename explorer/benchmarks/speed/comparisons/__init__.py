"""The comparisons, one file each; importing this package imports them all, so a new file is a new comparison."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # a broken file breaks the import, loudly
