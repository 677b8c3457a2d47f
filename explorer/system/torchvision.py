"""torchvision, importable beside a torch without CUDA: the one place where it is mended.

The published torchvision wheel is built for CUDA. Its compiled half does not load beside a CPU torch, and then
`import torchvision` stops at "operator torchvision::nms does not exist", although nothing here needs that operator.
Defining the schemas of the missing operators first is enough; where the compiled half loads, nothing is defined.
"""

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType

SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_lock = Lock()
_kept: list[object] = []  # the operators live as long as the library object that defined them


def torchvision() -> ModuleType:
    """The torchvision module with its `datasets`, `models` and `transforms`; imports torch, which takes seconds."""
    with _lock:
        if not _kept:
            _mend()
            _kept.append(import_module("torchvision"))
    return import_module("torchvision")


def _mend() -> None:
    """Define the operators that neither the compiled half nor anybody before us has defined."""
    import torch

    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("torchvision is not installed; install the versions named in requirements.txt")
    for compiled in Path(spec.origin).parent.glob("_C*.so"):
        with suppress(OSError):  # built for CUDA, and this torch has none
            torch.ops.load_library(str(compiled))
    missing = [name for name in SCHEMAS if not hasattr(torch.ops.torchvision, name)]
    if missing:
        library = torch.library.Library(
            "torchvision", "FRAGMENT"
        )  # FRAGMENT: DEF is refused where the compiled half holds the name
        for name in missing:
            library.define(SCHEMAS[name])
        _kept.append(library)
