"""No accuracy of imbalanced classes stands without its baseline, and what has to be said stands beside the scores."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import engine, runs
from explorer.evaluation import arms
from explorer.runs import Spec, Status
from explorer.tasks import request
from pages.ui.kit import url_state
from pages.ui.runs import class_balance, curve_sentences, run_list, score_sentences
from pages.ui.sections import transfer, transfer_choice
from tests import screen_text

CAVEAT = "5 of the 200 test images are exact copies of training images, so a score on them overstates the accuracy"
COMMON = {
    "majority_share": 0.95,
    "n_test": 200,
    "n_train": 1000,
    "caveats": [CAVEAT],
}
PROBED = COMMON | {
    "knn": 0.96,
    "linear": 0.94,
    "balanced_accuracy": {"knn": 0.61, "linear": 0.55},
    "per_class": {"class": ["often", "rare"], "n": [190, 10], "knn": [0.98, 0.2], "linear": [0.97, 0.1]},
}
SCORES = PROBED | {"references": {"Raw pixels": PROBED | {"knn": 0.9}, "Untrained": {"knn": 0.5, "n_test": 200}}}
EVEN = SCORES | {"majority_share": 0.5, "per_class": SCORES["per_class"] | {"n": [100, 100]}, "caveats": []}
OLD = {name: value for name, value in SCORES.items() if name not in (*COMMON, "balanced_accuracy", "per_class")}
OLD |= {"n_test": 200, "n_train": 1000, "references": {"Raw pixels": {"knn": 0.9}}}


def trained(scores):
    run = runs.create(Spec(kind="train", title="One title", method="simclr", dataset="digits"))
    run.write_scores(scores)
    run.update(state="done", step=9, steps=9)
    return run


def test_the_lead_says_the_baseline_and_the_balanced_accuracy():
    text = (
        "**kNN accuracy 96%** on 200 test images (always naming the most frequent class: 95%; balanced accuracy 61%)."
    )
    assert score_sentences.of(SCORES) == text
    rows = [{"step": step, "val_loss": loss, "loss": 1.0} for step, loss in enumerate([3.0, 2.0, 1.0, 2.0, 3.0])]
    summary = curve_sentences.summary(Status(state="done", step=9), rows, SCORES)
    assert summary.startswith(text) and len(summary.replace("**", "").split()) <= 25


@pytest.mark.parametrize("scores", [EVEN, OLD])
def test_where_classes_are_balanced_or_nothing_is_known_nothing_is_added(scores):
    assert "frequent" not in score_sentences.of(scores) and "96%" in score_sentences.of(scores)
    assert "frequent" not in run_list.worth(trained(scores))
    assert class_balance.clause(scores, "knn") == class_balance.majority(scores) == ""


def test_the_list_of_runs_says_the_baseline():
    assert run_list.worth(trained(SCORES)) == (
        "kNN accuracy 96%, always naming the most frequent class 95%, untrained 50%, raw pixels 90%"
    )


def page(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import run_view

    run_view.watch(runs.get(id))


@pytest.mark.parametrize(("scores", "imbalanced"), [(SCORES, True), (EVEN, False), (OLD, False)])
def test_the_page_of_a_run_shows_them(scores, imbalanced, monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    at = AppTest.from_function(page, args=(trained(scores).id,)).run(timeout=120)
    assert not at.exception and not at.error
    tables = {table.value.columns[0]: table.value for table in at.dataframe}
    own = tables["model"].set_index("model")
    assert own.loc["One title", "kNN accuracy"] == 96
    assert (class_balance.MAJORITY in own.index) == imbalanced == ("class" in tables)
    assert any(CAVEAT[:40] in warning.value for warning in at.warning) == bool(scores.get("caveats"))
    if imbalanced:
        assert own.loc[class_balance.MAJORITY, "linear probe"] == 95
        assert own.loc["One title", "kNN accuracy, balanced"] == 61
        assert tables["class"].to_dict("list") == {
            "class": ["often", "rare"], "test images": [190, 10], "kNN accuracy": [98, 20], "linear probe": [97, 10],
        }  # fmt: skip


def swept(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import sweep

    sweep.show(runs.get(id), sweep.set_of(runs.get(id)))


def test_the_table_of_a_sweep_says_the_baseline(monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    for seed in range(2):
        run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", seed=seed, group="uneven"))
        run.write_scores(SCORES)
        run.update(state="done")
    at = AppTest.from_function(swept, args=(run.id,)).run(timeout=60)
    assert not at.exception
    assert any(caption.value.endswith(f"({class_balance.majority(SCORES)}).") for caption in at.caption)


def moved(**accuracies):
    scores = COMMON | {arm: {"test_accuracy": p} for arm, p in accuracies.items()}
    scores["balanced_accuracy"] = dict.fromkeys(accuracies, 0.7)
    scores["per_class"] = {"class": ["often", "rare"], "n": [190, 10]} | {arm: [0.8, 0.6] for arm in accuracies}
    run = runs.create(request.request("transfer", "digits-simclr", "digits", seed=9, arms=tuple(accuracies)))
    run.write_scores(scores)
    run.update(state="done")
    return run


SAID = {
    (0.8, 0.8, 0.8): "no variant is better than always naming the most frequent class (95%): ",
    (0.999,): "frozen has an accuracy of >99% (always naming the most frequent class: 95%; balanced accuracy 70%).",
    (0.999, 0.995, 0.2): "do not differ significantly; both beat from scratch (20%); most frequent class 95%.",
    (0.999, 0.985, 0.965): "; most frequent class 95%.",
}


@pytest.mark.parametrize("numbers", SAID)
def test_the_lead_of_a_transfer_compares_with_naming_one_class(numbers):
    run = moved(**dict(zip(arms.DEFAULT, numbers, strict=False)))
    summary = transfer.summary(run, run.status, run.scores()).replace("**", "")
    assert SAID[numbers] in summary
    assert len(summary.split()) <= 25, summary


def transferred(id: str) -> None:
    from explorer import runs
    from pages.ui.sections import transfer

    transfer.watch(runs.get(id))


def test_a_transfer_shows_them():
    run = moved(frozen=0.8, finetune=0.8, scratch=0.8)
    at = AppTest.from_function(transferred, args=(run.id,)).run(timeout=60)
    assert not at.exception and not at.error
    (recalls,) = (table.value for table in at.dataframe)
    assert recalls["Frozen"].tolist() == [80, 60]
    assert any(CAVEAT[:40] in warning.value for warning in at.warning)
    said = [screen_text.unlinked(caption.value) for caption in at.caption]
    assert sum("balanced accuracy 70%" in text for text in said) == 3
    assert transfer_choice.row(run)[class_balance.MAJORITY] == 0.95


def analysis(id: str) -> None:
    from explorer import data, runs
    from explorer.tasks.task import TASKS
    from pages.ui.runs import task_panel

    task_panel._result(TASKS["evaluate"], runs.get(id), data.load("digits"))


def test_an_evaluation_shows_them():
    run = runs.create(request.request("evaluate", "pca", "digits", labels=50))
    run.write_scores(PROBED)
    run.update(state="done")
    at = AppTest.from_function(analysis, args=(run.id,)).run(timeout=60)
    assert not at.exception
    text = " ".join(element.proto.body for element in at.get("html"))
    assert "<dt>kNN, balanced accuracy</dt><dd>0.610</dd>" in text
    assert "<dt>accuracy of always naming the most frequent class</dt><dd>0.950</dd>" in text
    assert at.dataframe[0].value["class"].tolist() == ["often", "rare"] and CAVEAT[:40] in at.warning[0].value
