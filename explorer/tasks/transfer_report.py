"""What the command line says of a transfer: a table with intervals, differences, the crossover and the notes."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from explorer.evaluation import balance
from explorer.evaluation.arms import TransferConfig, titles
from explorer.evaluation.crossover import Crossover, words
from explorer.evaluation.statistics import signed_points
from explorer.runs import Run
from explorer.tasks import score_lines, transfer_outcomes

# what was added to the scores of the first version
NUMBERS = (
    "largest",
    "results",
    "table",
    "comparisons",
    "crossovers",
    "logme",
    "placement",
    "size",
    "source",
    "own_head",
)


def report(run: Run, cfg: TransferConfig) -> tuple[list[str], dict[str, Any]]:
    """Lines for people, and the same as one object; a result of an earlier version has fewer numbers."""
    scores = run.scores()
    accuracy = {arm: scores[arm]["test_accuracy"] for arm in cfg.arms}
    answer = {"model": run.spec.model, "dataset": run.spec.dataset, "hyperparameters": cfg.model_dump(),
              "n_test": scores["n_test"], "test_accuracy": accuracy, "curves": run.metrics()}  # fmt: skip
    answer |= {name: scores[name] for name in (*balance.NUMBERS, *NUMBERS, "caveats") if name in scores}
    answer |= {"trainable": {arm: scores[arm]["trainable"] for arm in cfg.arms if "trainable" in scores[arm]}}
    lines = [f"{arm}: {_accuracy(scores, arm)}{score_lines.beside(scores, arm)}" for arm in cfg.arms]
    return [*lines, *_more(scores, cfg), *score_lines.per_class(scores), *score_lines.notes(scores)], answer


def _accuracy(scores: Mapping[str, Any], arm: str) -> str:
    """An accuracy with its interval, and how many numbers were trained for it."""
    own = scores[arm]
    value = f"test accuracy {own['test_accuracy']:.4f}"
    if "low" not in own:
        return value
    seeds = f"{len(own['accuracies'])} seeds and " if own["interval_over"] == "seeds" else ""
    over = f"{seeds}{scores['n_test']:,} images"
    return f"{value}, 95% {own['low']:.3f} to {own['high']:.3f} over {over}; {own['trainable']:,} trainable numbers"


def _more(scores: Mapping[str, Any], cfg: TransferConfig) -> Iterator[str]:
    if own := scores.get("own_head"):
        low, high = own["interval"]
        accuracy = f"test accuracy {own['test_accuracy']:.4f}, 95% {low:.3f} to {high:.3f} over {own['n']:,} images"
        left = f", without those of {', '.join(own['outside'])}" if own["outside"] else ""
        yield f"{own['title'].lower()}: {accuracy}{left}"
    if len(cfg.amounts) > 1:
        yield from _table(scores, cfg)
    largest = transfer_outcomes.largest(scores, cfg)
    for each in scores.get("comparisons", ()):
        if each["labels"] == largest:
            difference = signed_points(each["difference"], each["low"], each["high"])
            verdict = f"{each['better']} is better" if each["better"] else "no difference"
            pairs = math.comb(len(cfg.arms), 2)
            corrected = f", corrected by Holm for {pairs} pairs" if pairs > 1 else ""
            p = f" (p = {each['p']:.3f}{corrected})" if "p" in each else ""  # not stored by earlier versions
            yield f"{each['first']} - {each['second']}: {difference}, paired over {_over(each)}: {verdict}{p}"
    for each in scores.get("crossovers", ()):
        found = Crossover.read(each)
        yield f"crossover: {words(found, titles()[found.first], titles()[found.second])}"
    if "placement" in scores:
        score = "none, as nothing varies" if scores["logme"] is None else f"{scores['logme']:.3f}"
        yield f"before training: LogME {score}; {_placed(scores['placement'])}"


def _over(each: Mapping[str, Any]) -> str:
    """What an interval is over; earlier versions left the images out where there were several seeds."""
    return "seeds and images" if each["over"] == "seeds" and "p" in each else str(each["over"])


def _table(scores: Mapping[str, Any], cfg: TransferConfig) -> Iterator[str]:
    """A row for each amount of labels, a column for each arm."""
    cells = {(each["labels"], each["arm"]): each for each in scores.get("table", ())}
    yield "".join([f"{'labels':>8}", *(f"{arm:>24}" for arm in cfg.arms)])
    for amount in cfg.amounts:
        texts = (
            f"{each['mean']:.3f} ({each['low']:.3f} to {each['high']:.3f})"
            for each in (cells[amount, arm] for arm in cfg.arms)
        )
        yield "".join([f"{amount:>8}", *(f"{text:>24}" for text in texts)])


def _placed(placement: Mapping[str, Any]) -> str:
    size = "little data" if placement["little"] else "much data"
    far = placement["distance"]
    about = f"{placement['images']:,} labels for {placement['width']:,} numbers"
    if far is None:
        likeness = "a set at an unknown distance"
    else:
        likeness = "a similar set" if far["similar"] else "a different set"
        about += f", distance {far['value']:.2f} of 1"
    return f"{size}, {likeness} ({about}); the lecture's advice: {placement['advice']}"
