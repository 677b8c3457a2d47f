"""One file per method. Importing this package imports every file in it, so a new file is a new method."""

from importlib import import_module
from pkgutil import iter_modules

import explorer.nn  # noqa: F401 - registers the encoders that methods build
from explorer.core import METHODS

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # a broken file breaks the import, loudly

__all__ = ["METHODS"]
