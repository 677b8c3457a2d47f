"""What rows say about a claim: every verdict, and every reason why there is none."""

import json

import pytest

from explorer.benchmarks import STUDIES, Arm, Protocol, results, verdicts
from explorer.benchmarks.claims import Claim, Learned, Surplus, Term, better, by_number
from explorer.benchmarks.report import Group
from tests.benchmarks import claim_cases

CLAIM = better("one is better than two", "one", "two", learned=("one",))
PLAIN = better("one is better than two", "one", "two")


def group(**arms):
    """A group of rows: for each arm its linear probes by seed, or whole rows."""
    rows = {
        arm: {s: dict(it) if isinstance(it, dict) else row(it) for s, it in enumerate(of)} for arm, of in arms.items()
    }
    return Group(Protocol(), "abc", [Arm(label) for label in rows], rows)


def row(value, **more):
    """A row with this linear probe, ten points over its untrained network."""
    before = {f"{kind}_linear_100": value - 0.1 for kind in ("untrained", "settled")}
    return {"linear_100": value, **before, **more}


@pytest.mark.parametrize(
    ("one", "state"),
    [
        ((0.60, 0.61, 0.62), "holds"),
        ((0.40, 0.41, 0.42), "refuted"),
        ((0.49, 0.52, 0.53), "undecided"),  # two points more, or three less
        ((0.501, 0.509, 0.521), "no difference"),  # surely less than a point
        ((0.50, 0.51, 0.52), "no difference"),  # the very same values
    ],
)
def test_the_interval_of_the_paired_differences_decides(one, state):
    found = verdicts.verdict(CLAIM, group(one=one, two=(0.50, 0.51, 0.52)))
    assert (found.state, found.n) == (state, 3)
    assert found.low <= found.mean <= found.high


def test_differences_are_taken_seed_by_seed():
    """Seeds that differ by twenty points, arms that differ by one each time: unpaired they would drown."""
    found = verdicts.verdict(PLAIN, group(one=(0.31, 0.415, 0.51), two=(0.30, 0.40, 0.50)))
    assert found.state == "holds" and found.mean == pytest.approx(0.0116667, abs=1e-6)
    assert (found.low, found.high) == (pytest.approx(0.004496, abs=1e-4), pytest.approx(0.018837, abs=1e-4))


def test_only_seeds_that_both_have_are_compared():
    rows = group(one=(0.6, 0.61), two=(0.5, 0.51))
    rows.rows["one"] = {1: row(0.6), 2: row(0.61)}
    assert verdicts.verdict(PLAIN, rows).reason == "1 seed in common, and an interval needs 2"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({"one": (0.6,), "two": (0.5,)}, "1 seed in common"),
        ({"one": (0.6, 0.6)}, "no rows of two yet"),
        ({"one": (0.6, 0.6), "two": ({"failed": "loss became nan at step 3"},) * 2}, "two failed with every seed"),
        ({"one": (0.6, 0.6), "two": ({"knn": 0.4},) * 2}, "the rows of two do not hold its number"),
        ({"one": (row(0.6, untrained_linear_100=0.599),) * 2, "two": (0.5, 0.5)}, "one does not clearly beat its"),
        ({"one": (row(0.6, settled_linear_100=0.7),) * 2, "two": (0.5, 0.5)}, "settled batch norms"),
        ({"one": ({"linear_100": 0.6},) * 2, "two": (0.5, 0.5)}, "no untrained network beside one"),
        (
            {"one": (row(0.6, untrained_linear_100=0.1), row(0.6, untrained_linear_100=0.58)), "two": (0.5, 0.5)},
            "one does not clearly beat",
        ),
    ],
)  # fmt: skip
def test_a_claim_is_not_answered_and_the_reason_is_said(rows, reason):
    found = verdicts.verdict(CLAIM, group(**rows))
    assert found.state == "not answered" and not found.answered
    assert reason in found.reason


def test_a_ladder_over_a_first_step_that_gained_a_tenth_of_a_point_is_not_asked():
    v1 = [row(0.42 + seed / 1000, untrained_linear_100=0.419 + seed / 1000) for seed in range(3)]
    claim = better("both are better than v1", "both", "v1", learned=("v1",))
    found = verdicts.verdict(claim, group(v1=v1, both=(0.6, 0.61, 0.62)))
    assert found.state == "not answered" and "+0.1 percentage points" in found.reason


@pytest.mark.parametrize(("images", "state"), [(45_000, "holds"), (10_001, "holds"), (10_000, "not answered"),
                                               (5000, "not answered"), (100, "not answered")])  # fmt: skip
def test_few_labels_are_asked_about_only_beside_a_surplus_of_images(images, state):
    claim = PLAIN._replace(conditions=(Surplus("one", 5000),))
    rows = group(one=(row(0.6, n_train=images), row(0.61, n_train=images)), two=(0.5, 0.51))
    assert verdicts.verdict(claim, rows).state == state


def test_a_value_is_compared_with_a_threshold():
    claim = Claim("it spans the subspace", (Term(1.0, "one", "linear_100"),), above=0.99)
    states = [verdicts.verdict(claim, group(one=of)).state for of in ((0.9950, 0.9951), (0.90, 0.901), (0.98, 1.0))]
    assert states == ["holds", "refuted", "undecided"]


def test_a_smaller_error_is_better_where_the_claim_says_so():
    claim = better("one has a larger error", "one", "two", number="mse")
    assert not claim.share and PLAIN.share
    rows = group(one=({"mse": 0.03}, {"mse": 0.031}), two=({"mse": 0.02}, {"mse": 0.021}))
    assert verdicts.verdict(claim, rows).state == "holds"


def test_numbers_that_are_none_count_for_nothing():
    rows = group(
        one=({"linear_100": float("inf")}, {"linear_100": float("nan")}, *map(row, (0.6, 0.61))), two=(0.5,) * 4
    )
    assert verdicts.verdict(PLAIN, rows).n == 2


def test_without_any_rows_there_is_no_verdict():
    assert verdicts.verdict(CLAIM, None).state == "no rows"
    assert verdicts.verdict(CLAIM, group(three=(0.5, 0.6))).state == "no rows"


def test_a_claim_can_ask_for_another_number():
    other = by_number(CLAIM, "knn")
    assert {term.number for term in other.terms} == {"knn"} and other.conditions == (Learned("one", "knn"),)
    assert other._replace(terms=CLAIM.terms, conditions=CLAIM.conditions) == CLAIM


# ------------------------------------------------------------------------------------------------ from the files


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of results that is this test's own."""
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "shipped")
    verdicts._findings.cache_clear()
    return tmp_path / "results"


def test_all_rows_of_a_study_are_found_and_read_once(place, monkeypatch):
    claim_cases.plant("moco-v2")
    found = verdicts.findings(STUDIES["moco-v2"], "cifar10")
    assert len(found.group.rows) == 6 and all(each.n for each in found.verdicts)
    assert found.references == {
        "untrained knn": pytest.approx(0.42, abs=0.01), "untrained linear_100": pytest.approx(0.42, abs=0.01),
    }  # fmt: skip
    monkeypatch.setattr(results, "read", lambda *_: pytest.fail("it is read again"))
    assert verdicts.findings(STUDIES["moco-v2"], "cifar10") is found


def test_new_rows_are_seen(place):
    study = STUDIES["moco-v2"]
    claim_cases.plant("moco-v2", seeds=(0,))
    assert verdicts.findings(study, "cifar10").state == "not answered"
    claim_cases.plant("moco-v2", seeds=(1, 2))
    assert verdicts.findings(study, "cifar10").state in verdicts.ANSWERS


def test_raw_pixels_and_pca_come_from_the_zoo_on_the_same_protocol(place):
    claim_cases.plant("moco-v2")
    claim_cases.plant("zoo")
    levels = verdicts.findings(STUDIES["moco-v2"], "cifar10").references
    assert levels["pixels linear_100"] == levels["PCA linear_100"] == pytest.approx(0.38)


def test_damaged_rows_and_rows_of_another_protocol_are_counted_and_left_out(place):
    study, path = STUDIES["h-z"], claim_cases.plant("h-z")
    good = len(path.read_text().splitlines())
    old = {**claim_cases.row(study, study.arms()[0], 7), "protocol": {"subset": 5000, "epochs": 4}}
    damaged = {name: value for name, value in claim_cases.row(study, study.arms()[0], 8).items() if name != "data"}
    with path.open("a") as file:
        file.write(f"{json.dumps(old)}\n{json.dumps(damaged)}\n[1, 2]\nno json\n")
    found = verdicts.findings(study, "cifar10")
    assert sum(map(len, found.group.rows.values())) == good
    assert found.left_out == 2


def test_rows_of_a_second_protocol_are_not_mixed_in(place):
    study, path = STUDIES["h-z"], claim_cases.plant("h-z")
    other = {**claim_cases.row(study, study.arms()[0], 0), "protocol": Protocol(seconds=5.0).as_row()}
    with path.open("a") as file:
        file.write(json.dumps(other) + "\n")
    found = verdicts.findings(study, "cifar10")
    assert found.others == 1 and found.group.protocol == claim_cases.PROTOCOL


DAMAGES = [
    {"linear_100": "high"}, {"n_train": "many"}, {"linear_at": [1]}, {"linear_at": {"100": "x"}}, {"train": "sgd"},
    {"untrained_linear_100": True}, {"torch": 2}, {"measured": {"a": "b"}}, {"labels": "some"},
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_a_row_with_a_word_for_a_number_is_left_out(damage, place):
    study, path = STUDIES["h-z"], claim_cases.plant("h-z")
    with path.open("a") as file:
        file.write(json.dumps(claim_cases.row(study, study.arms()[0], 9) | damage) + "\n")
    found = verdicts.findings(study, "cifar10")
    assert found.left_out == 1 and 9 not in found.group.rows["simclr"]


def test_a_gain_that_is_no_number_is_none():
    rows = group(one=(row(0.6, untrained_linear_100=float("nan")), row(0.6)), two=(0.5, 0.5))
    assert verdicts.verdict(CLAIM, rows).state == "not answered"
