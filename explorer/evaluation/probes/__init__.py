"""What a representation is worth: probes that read labels off it, one file each.

Importing this package imports every file in it, so a new file is a new probe: its name is its column in a run's scores,
while a training is watched (if it is quick enough to be `live`), in the rows of studies and on the command line.
"""

from importlib import import_module
from pkgutil import iter_modules

from explorer.evaluation.probes.registry import PROBES, Features, Probe, probe
from explorer.evaluation.probes.scoring import chance_in, check_classes, evaluate, live

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # a broken file breaks the import, loudly

__all__ = ["PROBES", "Features", "Probe", "chance_in", "check_classes", "evaluate", "live", "probe"]
