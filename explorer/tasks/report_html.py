"""A training as one HTML page that opens without a network: curves, the map in time, images, scores, provenance."""

from collections.abc import Sequence

from explorer.config import Config
from explorer.data import Entry
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks.ended import check_ended
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task


@task("HTML report")
class ReportHtml(Task):
    """Write a training as one HTML page that opens offline: curves, the map in time, images, scores, provenance."""

    takes_data = False
    result = "report.html"
    download = True
    page = "runs"
    needs_weights = False

    def check(self, refs: Sequence[ModelRef], entry: Entry | None, cfg: Config) -> None:
        """Raises `Refused` unless it is a training that has ended."""
        check_ended(refs[0], "a report")

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Which run."""
        return f"Report of {refs[0].run.title}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Write `report.html`."""
        from explorer.tasks.pictures import report

        run.update(message="writing")
        run.store("report.html", report.html(ModelRef.parse(run.spec.model).run).encode())

    def report(self, run: Run) -> Report:
        """How large it is."""
        size = (run.folder / self.result).stat().st_size
        return [f"{size:,} bytes"], {"run": run.spec.model, "bytes": size}
