"""Every study declares what it claims, in arms that it has, with a figure and a smaller version that can be trained."""

import json
from dataclasses import replace

import pytest

from explorer.benchmarks import STUDIES, Arm, Study, claims, smaller, suite_claims
from explorer.benchmarks.claims import Differences, Dots, Lines, Scatter
from explorer.runs import Run
from explorer.tasks.training import request

KINDS = (Dots, Differences, Lines, Scatter)
STUDY = pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)


@STUDY
def test_every_study_has_claims_in_at_most_ten_words_about_its_own_arms(study):
    arms, said = study.arms(), suite_claims.of(study).claimed(study.arms())
    labels = {arm.label for arm in arms}
    assert said and len({claim.text for claim in said}) == len(said)
    for claim in said:
        assert claim.terms and set(claim.arms) <= labels, claim.text
        assert len(claim.text.split()) <= 10, claim.text


@STUDY
def test_every_study_has_a_figure_of_its_own_arms(study):
    figures, labels = suite_claims.of(study).figures, {arm.label for arm in study.arms()}
    assert figures and all(isinstance(figure, KINDS) for figure in figures)
    for figure in figures:
        if isinstance(figure, Lines):
            assert {point.arm for of in figure.lines.values() for point in of} <= labels


@STUDY
def test_the_published_numbers_have_a_source(study):
    for each in suite_claims.of(study).published:
        assert each.source and each.title and bool(each.values) != bool(each.lines)
        assert bool(each.lines) == bool(each.x)


@STUDY
def test_the_smaller_version_can_be_trained(study):
    plan, specs = suite_claims.of(study).smaller, smaller.specs(study)
    assert 2 <= len(plan.arms) <= 4 and 1 <= plan.seeds <= 3
    assert len(specs) == len(plan.arms) * plan.seeds
    assert plan.dataset in ("digits", "shapes", "garments") and (plan.dataset == "shapes" or not study.colour)
    assert len({spec.group for spec in specs}) == 1 and specs[0].group.startswith(f"study-{study.name}-")
    assert [spec.params["arm"] for spec in specs[: len(plan.arms)]] == list(plan.arms)
    assert not [spec.title for spec in specs if request.warning(spec)]


def test_a_study_without_claims_of_its_own_compares_its_arms():
    arms = [Arm("plain", "supervised"), Arm("smooth", "supervised", {"smoothing": 0.2}, against="plain")]
    study = Study("new", "Is it so?", lambda: arms)
    inquiry = suite_claims.of(study)
    assert [claim.text for claim in inquiry.claimed(arms)] == ["smooth is better than plain"]
    assert inquiry == claims.default(study) and inquiry.smaller.arms == ("plain", "smooth")
    assert suite_claims.of(replace(study, colour=True)).smaller.dataset == "shapes"


def test_every_inquiry_belongs_to_a_study():
    assert set(suite_claims.INQUIRIES) <= set(STUDIES)


# --------------------------------------------------------------------------------------------- its runs as rows


def ended(folder, label, seed, group, **scores):
    """A training of the smaller version as the engine leaves it."""
    study = STUDIES["moco-v2"]
    spec = next(it for it in smaller.specs(study) if it.params["arm"] == label and it.seed == seed)
    run = Run(folder / f"{label.strip('+ ').replace(' ', '-')}-{seed}-{group}")
    run.folder.mkdir(parents=True)
    run.write_json("spec.json", spec.model_copy(update={"group": f"study-moco-v2-{group}"}).model_dump())
    (run.folder / "scores.json").write_text(json.dumps({"n_test": 100, "n_train": 50, **scores}))
    return run


def test_the_scores_of_runs_are_rows_of_the_study(tmp_path):
    before = {"references": {"Untrained": {"knn": 0.3, "linear": 0.4}}}
    runs = [ended(tmp_path, label, 0, "a", knn=0.5, linear=0.6, **before) for label in ("v1", "+ both")]
    group = smaller.group(STUDIES["moco-v2"], runs)
    assert list(group.rows) == ["v1", "+ both"]
    row = group.rows["v1"][0]
    assert (row["knn"], row["linear_100"], row["untrained_knn"], row["untrained_linear_100"]) == (0.5, 0.6, 0.3, 0.4)


def test_only_the_set_that_was_started_last_counts(tmp_path):
    new, old = ended(tmp_path, "v1", 0, "b"), ended(tmp_path, "v1", 0, "a")
    assert smaller.latest([new, old], STUDIES["moco-v2"]) == [new]
    assert smaller.latest([new, old], STUDIES["zoo"]) == []


def test_runs_without_scores_make_no_group(tmp_path):
    run = ended(tmp_path, "v1", 0, "a")
    (run.folder / "scores.json").unlink()
    assert smaller.group(STUDIES["moco-v2"], [run]) is None
