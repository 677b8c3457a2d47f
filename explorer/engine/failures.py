"""What nobody foresaw, in one sentence that says what to do. Imports nothing heavy: memory may have run out.

Work that knows what helps where memory ran out gives its errors an attribute `advice`: a function without arguments
that returns half a sentence, or nothing.
"""

import errno
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from explorer.runs import Run, atomic

SOURCE = Path(__file__).parents[1]  # a file of ours, that somebody may have changed or added
NO_MEMORY = ("can't allocate memory", "cannot allocate memory", "out of memory", "not enough memory", "bad_alloc")
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def explain(error: BaseException, run: Run) -> str:
    """What happened to a run, and how to go on."""
    return next(filter(None, (answer(error, run) for answer in ANSWERS)), None) or _whatever(error)


def _memory(error: BaseException, run: Run) -> str | None:
    if not any(_out_of_memory(cause) for cause in _causes(error)):
        return None
    if run.spec.pool != "training":
        return "Out of memory: end other programs on this machine, or choose fewer images, then ask for it again."
    advice = next(filter(None, map(_advice, _causes(error))), "choose a smaller batch")
    return f"Out of memory with batch {run.spec.train.get('batch')}: {advice}, and end other programs if you can."


def _advice(error: BaseException) -> str:
    return getattr(error, "advice", str)()


def _out_of_memory(error: BaseException) -> bool:
    text = str(error).lower()
    named = isinstance(error, RuntimeError | OSError) and any(words in text for words in NO_MEMORY)
    return named or isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"  # CUDA's


def _disk(error: BaseException, run: Run) -> str | None:
    if not any(_is_full(cause) for cause in _causes(error)):
        return None
    return f"The disk that holds the runs is full: free some space, then {again(run)}."


def _is_full(error: BaseException) -> bool:
    return "No space left on device" in str(error) or (isinstance(error, OSError) and atomic.is_full(error))


def _permission(error: BaseException, run: Run) -> str | None:
    denied = next((cause for cause in _causes(error) if _code(cause) in FORBIDDEN), None)
    if denied is None:
        return None
    place = getattr(denied, "filename", None) or "a file"
    return f"{place} may not be read or written ({denied.strerror}): allow it to this user, then {again(run)}."


def _source(error: BaseException, run: Run) -> str | None:
    """A file that cannot be imported, of a method say, stops every run that looks for methods, not only its own."""
    ours = (file for file in _imported(error) if file.is_relative_to(SOURCE) and file.name != "__init__.py")
    if (file := next(ours, None)) is None:
        return None
    name = f"explorer/{file.relative_to(SOURCE).as_posix()}"
    if isinstance(error, ModuleNotFoundError):
        return f"{name} needs the module '{error.name}', which is missing: install it."
    return f"{name} cannot be imported ({_named(error)}): repair it, then {again(run)}."


def _whatever(error: BaseException) -> str:
    return f"{_named(error)}; the log says where."


ANSWERS: tuple[Callable[[BaseException, Run], str | None], ...] = (_memory, _disk, _permission, _source)


def again(run: Run) -> str:
    """How a run goes on once the trouble is over."""
    if run.spec.pool != "training":
        return "ask for it again"
    kept = run.checkpoint()
    if kept is None:
        return "train again"
    where = f" of step {int(kept.name)}" if kept.name.isdecimal() else ""  # older versions did not say
    return f"continue this run; its checkpoint{where} is intact"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _code(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _imported(error: BaseException) -> Iterator[Path]:
    """The files that were being imported, from the innermost outwards."""
    if isinstance(error, SyntaxError) and error.filename:
        yield Path(error.filename)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.name == "<module>":
            yield Path(frame.filename)


def _named(error: BaseException) -> str:
    words = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}{f': {words[:300]}' if words else ''}"
