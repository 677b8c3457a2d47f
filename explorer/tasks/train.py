"""Training a method and watching it: the one task that makes a model instead of looking at one."""

from collections.abc import Sequence

from explorer.config import Config
from explorer.models.reference import ModelRef
from explorer.runs import Run, Spec
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Task, task


@task("Train", pool="training")
class Train(Task):
    """Train a method, in the background unless --foreground is given."""

    by_request = False
    models = (0, 0)
    page = "new"

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Trainings are titled by their ablations: see `titles`."""
        raise TypeError("a training is asked for with explorer.tasks.training.request")

    def config(self, spec: Spec) -> Config:
        """The hyperparameters that every training has; the method's own stand in the spec."""
        from explorer.core import METHODS

        return METHODS.choose(spec.method).training(spec.train)

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Leaves weights, frames, metrics and scores."""
        from explorer.tasks.training.driver import train

        train(run)
