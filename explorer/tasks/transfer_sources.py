"""One target, many sources: what each was worth before and after training, and whether the ranks agree. Torch-free."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from explorer.evaluation.arms import TransferConfig
from explorer.evaluation.transferability import Agreement, rank_agreement
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import transfer_outcomes
from explorer.tasks.task import TASKS

PROBE, TUNED = "frozen", "finetune"
PROTOCOL = (
    "epochs",
    "batch",
    "optimizer",
    "lr",
    "head_lr",
    "schedule",
    "augment",
    "draws",  # with augment alone
    "rank",  # with LoRA alone
    "seeds",
    "seed",
    "head",
    "keep",
    "train_on_validation",
)


class Source(NamedTuple):
    """A model that was transferred to the target: the newest of its transfers with this amount of labels."""

    model: str
    run: Run
    logme: float | None  # nats per image and class; None: not measured
    arms: dict[str, Mapping[str, Any]]  # the numbers of each arm

    def accuracy(self, arm: str) -> float | None:
        """On the test images; None where the arm was left out."""
        return self.arms[arm]["test_accuracy"] if arm in self.arms else None


class Ranks(NamedTuple):
    """Whether scores of the same sources rank them alike."""

    probe_and_tuned: Agreement
    logme_and_probe: Agreement
    logme_and_tuned: Agreement


def over_sources(transfers: Iterable[Run], target: str, amount: str) -> list[Source]:
    """Every source of a target whose largest amount of labels this is; of one model the newest with the most arms."""
    best: dict[str, Source] = {}
    for run in transfers:  # newest first
        scores = run.scores() if run.spec.dataset == target else None
        if not scores or transfer_outcomes.largest(scores, config(run)) != amount:
            continue
        arms = {arm: scores[arm] for arm in config(run).arms if arm in scores}
        model = str(ModelRef.parse(str(run.spec.model)))
        if model not in best or len({PROBE, TUNED} & arms.keys()) > len({PROBE, TUNED} & best[model].arms.keys()):
            best[model] = Source(model, run, scores.get("logme"), arms)
    return sorted(best.values(), key=lambda each: -(each.accuracy(PROBE) or 0.0))


def config(run: Run) -> TransferConfig:
    """The options of a transfer."""
    return TASKS["transfer"].config(run.spec)


def ranks(sources: Sequence[Source]) -> Ranks:
    """LogME, linear probes and fine-tuned accuracies by the ranks that they give to the sources that have both."""
    probe, tuned = ({each.model: p for each in sources if (p := each.accuracy(arm)) is not None}
                    for arm in (PROBE, TUNED))  # fmt: skip
    logme = {each.model: each.logme for each in sources if each.logme is not None}
    return Ranks(rank_agreement(probe, tuned), rank_agreement(logme, probe), rank_agreement(logme, tuned))


def differing(sources: Sequence[Source]) -> list[str]:
    """The options of the training in which the sources differ: then more than the source is compared."""
    every = [_counting(each) for each in sources]
    names = [name for name in PROTOCOL if len({cfg[name] for cfg in every}) > 1]
    return [*names, *["data"] * _other_images(sources)]


def _counting(source: Source) -> dict[str, Any]:
    """The options that this training heeds; the others are None."""
    cfg = config(source.run)
    heeded = {"draws": cfg.augment, "rank": "lora" in cfg.arms}
    return {name: getattr(cfg, name) if heeded.get(name, True) else None for name in PROTOCOL}


def _other_images(sources: Sequence[Source]) -> bool:
    """Whether the images have changed between them; those of other sizes cannot be told, nor of earlier versions."""
    hashes: dict[Any, set[str]] = {}
    for scores in (each.run.scores() or {} for each in sources):
        if "data" in scores:
            hashes.setdefault(scores.get("size"), set()).add(scores["data"])
    return any(len(found) > 1 for found in hashes.values())
