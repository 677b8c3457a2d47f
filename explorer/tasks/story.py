"""A training as one zip that another installation replays without training: no weights, nothing that is run."""

from collections.abc import Sequence

from pydantic import Field

from explorer.config import Config as Options
from explorer.data import Entry
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks.ended import check_ended
from explorer.tasks.export import pack_archive
from explorer.tasks.inputs import Inputs
from explorer.tasks.stories import layout, pack
from explorer.tasks.task import Report, Task, task


class Config(Options):
    """Options of a story."""

    words: str = Field("", max_length=layout.WORDS, description="what there is to see, in a sentence or two")


@task("Story")
class Story(Task):
    """Write a training as a zip that others replay without training: curves, frames, thumbnails, scores, words."""

    Config = Config
    takes_data = False
    result = "story.zip"
    download = True
    page = "runs"
    needs_weights = False
    own_command = True

    def check(self, refs: Sequence[ModelRef], entry: Entry | None, cfg: Config) -> None:
        """Raises `Refused` unless it is a training that has ended."""
        check_ended(refs[0], "a story")

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Which run."""
        return f"Story of {refs[0].run.title}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Pack the training that the run's model names into `story.zip`."""
        trained = ModelRef.parse(run.spec.model).run
        run.update(message="packing")
        content = pack.contents(trained, " ".join(cfg.words.split()))
        if not run.stop_requested():
            run.store("story.zip", pack_archive(content, trained.status.finished))

    def report(self, run: Run) -> Report:
        """How large it is."""
        size = (run.folder / self.result).stat().st_size
        return [f"{size:,} bytes"], {"run": run.spec.model, "bytes": size}
