"""The tasks that wait in a Dask worker: whoever waits for a slot does not stand in the way of who waits for the desk.

Dask keeps one line for all tasks with resources and looks at its head alone: a waiting training would hold up every
map behind it. This line has a head for each place; within one place nobody overtakes, so that a run which needs
several slots gets them in the end.
"""

from typing import Any

from distributed import Worker
from distributed.collections import HeapSet


class PoolQueue(HeapSet[Any]):
    """A line whose first is the first that can be started."""

    __slots__ = ("fits",)

    def peek(self) -> Any:
        """The head of that lane which can go on; the first of all if none can."""
        heads: dict[bool, Any] = {}
        for task in self.sorted():
            lane = "desk" in (task.resource_restrictions or {})
            if heads.setdefault(lane, task) is task and self.fits(task):
                return task
            if len(heads) == 2:
                break
        return super().peek()

    def pop(self) -> Any:
        """Takes out what `peek` shows."""
        task = self.peek()
        self.discard(task)
        return task


def install_pool_queue(worker: Worker) -> None:
    """Gives a worker that has just been started its lanes."""
    lanes = PoolQueue(key=worker.state.constrained.key)
    lanes.fits = worker.state._resource_restrictions_satisfied
    worker.state.constrained = lanes
