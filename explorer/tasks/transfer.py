"""Transferring a model's encoder to another data set with few labels: frozen, fine-tuned, from scratch."""

from collections.abc import Sequence
from typing import Any

from explorer.data import Entry, caveats
from explorer.errors import Refused
from explorer.evaluation import balance
from explorer.evaluation.arms import TransferConfig as Config
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import score_lines
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task


@task("Transfer")
class Transfer(Task):
    """Transfer an encoder to another data set with few labels: frozen, fine-tuned and from scratch."""

    Config = Config
    result = None
    page = "transfer"

    def check(self, refs: Sequence[ModelRef], entry: Entry | None, cfg: Config) -> None:
        """Raises `Refused` where an arm would train weights that the model does not have."""
        if not refs[0].can_train and set(cfg.arms) != {"frozen"}:
            title = refs[0].title(entry.name)
            raise Refused(f"{title} has no weights to train: choose arms=frozen, or a trained model")

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """From which model to which data."""
        return f"{refs[0]} to {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Train all arms side by side, a row per arm and epoch; the test images are looked at once, at the end."""
        from explorer.evaluation.transfer import transfer

        dataset = inputs.dataset
        run.rewind(-1)  # an attempt that was interrupted begins anew
        run.update(steps=cfg.epochs, message="", device=inputs.device)
        scores: dict[str, Any] = {}
        predicted: dict[str, Any] = {}
        for row in transfer(inputs.model, dataset, cfg):
            if run.stop_requested():
                return
            if "test_accuracy" in row:
                scores[row["arm"]], predicted[row["arm"]] = {"test_accuracy": row["test_accuracy"]}, row["predicted"]
            else:
                run.append(row)
                run.update(step=row["epoch"], epoch=row["epoch"])
        test, train = (dataset.splits[split].y for split in ("test", "train"))
        scores |= balance.measure(predicted, test, train, dataset.classes)
        run.write_scores(scores | {"caveats": caveats.of_scores(dataset), "n_test": len(test)})

    def report(self, run: Run) -> Report:
        """The test accuracy of each arm, what has to be said beside it, and the curves."""
        scores, cfg = run.scores(), self.config(run.spec)
        accuracy = {arm: scores[arm]["test_accuracy"] for arm in cfg.arms}
        answer = {"model": run.spec.model, "dataset": run.spec.dataset, "hyperparameters": cfg.model_dump(),
                  "n_test": scores["n_test"], "test_accuracy": accuracy, "curves": run.metrics()}  # fmt: skip
        answer |= {name: scores[name] for name in (*balance.NUMBERS, "caveats") if name in scores}
        lines = [
            f"{arm}: test accuracy {value:.4f}{score_lines.beside(scores, arm)}" for arm, value in accuracy.items()
        ]
        return [*lines, *score_lines.per_class(scores), *score_lines.notes(scores)], answer
