"""What a job does once it has a process of its own: the engine calls this by name and knows no task."""

from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.system import caches
from explorer.tasks.inputs import Inputs, flush_denormals, use_threads
from explorer.tasks.task import TASKS


def perform(run: Run) -> None:
    """Do what the spec says; returns early when a stop is requested, raises `Refused` where it cannot be met."""
    damages = [trained.damage() for ref in run.spec.models if (trained := ModelRef.parse(ref).run)]
    if damage := " ".join(filter(None, damages)):
        run.update(caveat=f"about an older checkpoint: {damage}")
    task = TASKS.choose(run.spec.kind)
    flush_denormals()
    if task.pool != "training":  # a training has threads of its own choice
        use_threads(0)
    try:
        task.run(run, task.config(run.spec), Inputs(run))
    finally:
        caches.trim()  # what was kept on the way may be too much, also where the work failed
