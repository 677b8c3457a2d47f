"""The page of the studies: without rows, with some and with all, with wrong addresses, and the small live version."""

import json
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.benchmarks import STUDIES, results, smaller, suite_claims, verdicts
from explorer.benchmarks.claims import Differences, Dots, Lines, Scatter
from explorer.benchmarks.verdicts import Findings, Verdict
from explorer.runs import Spec
from pages.ui.kit import navigation, url_state
from pages.ui.runs import ownership
from pages.ui.sections import studies, studies_figures, studies_smaller
from tests import screen_text
from tests.benchmarks import claim_cases

STUDY = pytest.mark.parametrize("name", STUDIES)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder of results that is this test's own; links need the frame around the page."""
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)
    verdicts._findings.cache_clear()
    return tmp_path / "results"


FRAMED = f"""
from contextlib import suppress
from pathlib import Path
from pages.ui.kit import messages, url_state
url_state.arrive("studies")
messages.reserve_notice()
with suppress(messages.PageEnds):
    exec(compile(Path("{runs.REPOSITORY}/pages/studies.py").read_text(), "studies.py", "exec"))
messages.leave()
"""


def opened(**query):
    """The page at an address."""

    at = AppTest.from_string(FRAMED, default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    assert not at.error, [it.value for it in at.error]
    return at


def said(at):
    """All prose on the page, without links and escapes."""
    every = [*at.title, *at.header, *at.markdown, *at.caption, *at.info, *at.warning]
    return "\n".join(screen_text.unlinked(it.value).replace("\\", "") for it in every)


def charts(at):
    """The descriptions of the figures."""
    return [json.loads(it.proto.json)["alt"] for it in at.get("bidi_component") if '"alt"' in it.proto.json]


# ------------------------------------------------------------------------------------------------------- the list


def test_the_list_names_all_questions_and_says_that_none_is_answered_yet():
    text = said(opened())
    assert all(study.question in text for study in STUDIES.values())
    assert f"0 of {len(STUDIES)}" in text and f"{len(STUDIES)} have no rows yet" in text


def test_the_list_says_what_is_answered_on_which_data():
    claim_cases.plant("h-z")
    claim_cases.plant("moco-v2", seeds=(0,))
    text = said(opened())
    assert f"1 of {len(STUDIES)}" in text and "9 have no rows yet" in text
    assert "Holds: of SimCLR, h is better than z (+4.0" in text.replace("*", "")
    assert "Not answered: 1 seed in common, and an interval needs 2" in text.replace("*", "")
    assert "CIFAR-10" in text


# -------------------------------------------------------------------------------------------------------- one study


@STUDY
def test_a_study_without_rows_says_so_and_shows_what_was_published(name):
    at = opened(study=name)
    text = said(at)
    assert STUDIES[name].question in at.title[0].value.replace("\\", "") and "No rows yet" in text
    for each in suite_claims.of(STUDIES[name]).published:
        assert f"Source: {each.source}" in text
    assert [button.label for button in at.button if button.label.startswith("Run it smaller")]


@STUDY
def test_a_study_with_all_rows_shows_verdicts_with_interval_and_its_protocol(name):
    claim_cases.plant(name)
    text = said(opened(study=name))
    found = verdicts.findings(STUDIES[name], "cifar10")
    assert found.state in verdicts.ANSWERS and f"n = {found.main.n}" in text
    assert "60 core-seconds" in text and "a machine, 1 thread" in text and "seeds 3" in text
    assert all(each.claim.text in text for each in found.verdicts)


@STUDY
def test_a_study_with_one_seed_of_some_arms_has_no_verdict(name):
    some = {arm.label for arm in STUDIES[name].arms()[:3]}
    claim_cases.plant(name, seeds=(0,), arms=some)
    text = said(opened(study=name)).replace("*", "")
    assert "Not answered" in text or "No rows yet" in text
    assert not any(f"{state}: " in text for state in ("Holds", "Refuted", "No difference"))


def test_a_study_that_nobody_knows_is_one_sentence_above_the_list():
    text = said(opened(study="mocov3"))
    assert "There is no study 'mocov3': choose one of zoo, breakage" in text
    assert STUDIES["zoo"].question in text


def test_a_data_set_without_rows_is_one_sentence_and_another_one_is_shown():
    claim_cases.plant("h-z")
    text = said(opened(study="h-z", on="mnist"))
    assert "This study has no rows on 'mnist': CIFAR-10 is shown instead." in text
    assert "This study has no rows on 'mnist', nor on other data yet." in said(opened(study="zoo", on="mnist"))


def test_rows_of_an_earlier_protocol_and_damaged_ones_are_one_sentence():
    study, path = STUDIES["h-z"], claim_cases.plant("h-z")
    old = {**claim_cases.row(study, study.arms()[0], 5), "protocol": {"subset": 5000, "epochs": 4}}
    with path.open("a") as file:
        file.write(json.dumps(old) + "\n" + json.dumps({"study": "h-z"}) + "\n")
    at = opened(study="h-z")
    assert [it.value.replace("\\", "") for it in at.warning] == [
        "2 rows of this file were left out: damaged, replaced by a later one, or of an unknown protocol."
    ]


def test_a_file_of_nothing_but_old_rows_has_no_rows_and_says_why():
    study, path = STUDIES["h-z"], results.place("h-z", "cifar10")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**claim_cases.row(study, study.arms()[0], 0), "protocol": {"epochs": 4}}) + "\n")
    at = opened(study="h-z")
    assert "No rows yet" in said(at) and "1 row of this file was left out" in at.warning[0].value


def test_an_arm_that_failed_is_named():
    study, path = STUDIES["h-z"], claim_cases.plant("h-z", seeds=(0, 1))
    failed = claim_cases.row(study, study.arms()[0], 2, failed="loss became nan at step 12")
    with path.open("a") as file:
        file.write(json.dumps(failed) + "\n")
    assert "SimCLR, seed 2, failed: loss became nan at step 12." in said(opened(study="h-z"))


# ---------------------------------------------------------------------------------------------------- the sentence

LONGEST = max(
    (c.text for s in STUDIES.values() for c in suite_claims.of(s).claimed(s.arms())), key=lambda t: len(t.split())
)
CLAIM = suite_claims.of(STUDIES["h-z"]).claims[0]._replace(text=LONGEST)
SHORT = [
    Verdict(CLAIM, "no difference", "", -0.123, -0.345, 0.456, 10),
    Verdict(CLAIM, "undecided", "", -0.123, -0.345, 0.456, 10),
    Verdict(CLAIM, "not answered", "momentum 0.99 queue 4096 does not clearly beat its untrained network with settled "
            "batch norms: +0.1 percentage points (−0.2 to +0.3)"),
    Verdict(CLAIM._replace(above=0.99), "holds", "", 0.999, 0.998, 1.0, 3),
    Verdict(CLAIM, "no rows"),
]  # fmt: skip


@pytest.mark.parametrize("verdict", SHORT, ids=lambda verdict: verdict.state)
def test_the_sentence_below_the_question_has_at_most_25_words(verdict):
    group = SimpleNamespace(rows={})
    words = studies.lead(Findings(group, (verdict,) * 30)).replace("\\", "").replace("*", "")
    assert 0 < len(words.split()) <= 25, words
    assert 0 < len(studies.lead(Findings(None, (verdict,))).split()) <= 25
    assert len(studies.overview().split()) <= 25


def test_an_interval_that_decides_nothing_is_shown_and_called_undecided():
    unasked, undecided = (
        Verdict(CLAIM, "not answered", "no rows yet"),
        Verdict(CLAIM, "undecided", "", 0.06, -0.4, 0.5, 2),
    )
    found = Findings(SimpleNamespace(rows={}), (unasked, undecided))
    assert (found.state, found.main) == ("undecided", undecided) and not undecided.answered
    for text in (studies.lead(found), studies.line(undecided)):
        assert "(+6.0 percentage points, −40.0 to +50.0, n = 2)" in text and "ndecided" in text


# ------------------------------------------------------------------------------------------------------ the figures


@STUDY
def test_every_figure_shows_the_rows_of_its_arms(name):
    claim_cases.plant(name)
    study, found = STUDIES[name], verdicts.findings(STUDIES[name], "cifar10")
    measured = studies_figures.Measured(study, found.group, None, found.references)
    for wanted in suite_claims.of(study).figures:
        drawing = studies_figures.draw(wanted, measured)
        assert drawing and drawing.figure.data and drawing.alt and drawing.caption
        assert "better" in drawing.title or isinstance(wanted, Differences)


@STUDY
def test_no_figure_is_drawn_without_rows(name):
    measured = studies_figures.Measured(STUDIES[name], None)
    assert [studies_figures.draw(it, measured) for it in suite_claims.of(STUDIES[name]).figures] == [
        None for _ in suite_claims.of(STUDIES[name]).figures
    ]


def symbols(drawing):
    return {trace.marker.symbol for trace in drawing.figure.data if trace.mode and "markers" in trace.mode}


@pytest.mark.parametrize(("name", "wanted"), [("moco-v2", Dots()), ("breakage", Differences()),
                                              ("queue-batch", suite_claims.NEGATIVES)])  # fmt: skip
def test_the_visitors_runs_are_rings_beside_the_dots(name, wanted):
    claim_cases.plant(name)
    study, group = STUDIES[name], verdicts.findings(STUDIES[name], "cifar10").group
    own = studies_figures.draw(wanted, studies_figures.Measured(study, group, group))
    alone = studies_figures.draw(wanted, studies_figures.Measured(study, group))
    assert any("open" in str(symbol) for symbol in symbols(own))
    assert not any("open" in str(symbol) for symbol in symbols(alone))
    assert "your runs" in own.caption and "your runs" not in alone.caption


def test_levels_that_would_squeeze_the_scale_are_told_in_words():
    levels = {"untrained linear_100": 0.5, "pixels linear_100": 0.1}
    near, words = studies_figures.Measured(STUDIES["zoo"], None, None, levels).of("linear_100", [0.55, 0.6])
    assert near == {"untrained": 0.5} and "raw pixels 10%" in words


def test_the_kinds_of_figures_are_all_drawn_by_something():
    assert set(studies_figures.DRAWN) == {Dots, Differences, Lines, Scatter}


# ------------------------------------------------------------------------------------------------------ run smaller


@pytest.fixture
def submitted(monkeypatch):
    """The specs that are submitted; their runs are made but nobody works on them."""
    specs, gone = [], []

    def submit(spec, user=""):
        specs.append(spec)
        return runs.create(spec.model_copy(update={"user": user}))

    monkeypatch.setattr("explorer.engine.submit", submit)
    monkeypatch.setattr("explorer.engine.reconcile", lambda: None)
    monkeypatch.setattr(ownership, "mine", lambda run: True)
    monkeypatch.setattr(navigation, "go", lambda *where, **params: gone.append((where, params)))
    return specs, gone


def test_pressed_twice_it_is_submitted_once(submitted):
    specs, gone = submitted
    studies_smaller.start("moco-v2")
    studies_smaller.start("moco-v2")
    plan = suite_claims.of(STUDIES["moco-v2"]).smaller
    assert len(specs) == len(plan.arms) * plan.seeds
    assert len(gone) == 2 and all(where == ("runs",) for where, _ in gone)


def test_while_it_runs_the_page_leads_to_it_and_does_not_offer_it_again(submitted):
    studies_smaller.start("moco-v2")
    at = opened(study="moco-v2")
    assert not [button for button in at.button if button.label.startswith("Run it smaller")]
    assert "0 of your 6 trainings have ended" in said(at) and "0 of 6 have ended" in said(at)


def test_the_scores_of_ones_own_runs_appear_with_their_verdicts(submitted):
    studies_smaller.start("moco-v2")
    for i, run in enumerate(studies_smaller.own(STUDIES["moco-v2"])):
        value = 0.5 + 0.1 * ("both" in run.spec.params["arm"]) + 0.001 * run.spec.seed
        references = {"Untrained": {"knn": 0.3 + 0.001 * i, "linear": 0.3}}
        (run.folder / "scores.json").write_text(
            json.dumps({"knn": value, "linear": value, "n_test": 359, "n_train": 100, "references": references})
        )
        run.write_json("status.json", runs.Status(state="done").model_dump())
    text = said(opened(study="moco-v2")).replace("*", "")
    assert "6 of 6 have ended" in text and "Rings: your runs" in text
    claim_cases.plant("moco-v2")
    text = said(opened(study="moco-v2")).replace("*", "")
    assert "6 of 6 have ended" in text
    assert "holds · both together are better than v1 (+10.0 percentage points" in text


def test_runs_of_others_and_of_other_studies_are_not_ones_own(submitted, monkeypatch):
    studies_smaller.start("moco-v2")
    assert studies_smaller.own(STUDIES["zoo"]) == []
    monkeypatch.setattr(ownership, "mine", lambda run: False)
    assert studies_smaller.own(STUDIES["moco-v2"]) == []


def test_a_run_that_somebody_has_edited_is_passed_over(submitted):
    study = STUDIES["moco-v2"]
    spec = Spec(kind="train", title="t", dataset="digits", method="moco", group="study-moco-v2-x")
    run = runs.create(spec)
    (run.folder / "scores.json").write_text(json.dumps({"knn": "good"}))
    assert studies_smaller.own(study) and smaller.group(study, studies_smaller.own(study)) is None
    run.write_json("spec.json", {**run.spec.model_dump(), "params": {"arm": "no such arm"}})
    assert smaller.group(study, [runs.get(run.id)]) is None


def test_the_page_needs_no_torch_to_show_its_figures():
    from tests.source_cases import python

    code = (
        "import sys, pages.ui.sections.studies, pages.ui.sections.studies_figures, pages.ui.sections.studies_smaller;"
        "print([name for name in ('torch', 'sklearn') if name in sys.modules])"
    )
    assert python(code).strip() == "[]"
