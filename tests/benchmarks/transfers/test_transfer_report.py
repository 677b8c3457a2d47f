"""The tables of a study of transfers say what its rows say: differences, the gap in labels, and what is missing."""

import numpy as np
import pytest

from explorer.benchmarks.transfers import gap, report
from tests.benchmarks.transfers.transfer_cases import SMALL, row, share


def test_no_difference_is_said_and_a_difference_is(monkeypatch):
    frozen = [row("frozen", "all", seed, share(0.9)) for seed in (0, 1, 2)]
    equal = np.roll(share(0.9), 1)
    others = [row("finetune", "all", seed, equal) for seed in (0, 1, 2)]
    worse = [row("scratch", "all", seed, share(0.5)) for seed in (0, 1, 2)]
    text = report.chapter(SMALL, [*frozen, *others, *worse])
    (tuned,) = (line for line in text.splitlines() if "| fine-tuned |" in line)
    (scratch,) = (line for line in text.splitlines() if "| from scratch |" in line)
    assert "no difference" in tuned and "+0.0" in tuned
    assert "frozen is better" in scratch and "-40.0" in scratch


def test_an_arm_is_compared_with_the_frozen_encoder_alone():
    known = [row(arm, "all", 0, share(p)) for arm, p in (("frozen", 0.5), ("finetune", 0.6), ("scratch", 0.4))]
    found = report.of("digits-simclr", known).comparisons()
    assert [(each.first, each.second) for each in found] == [("finetune", "frozen"), ("scratch", "frozen")]
    assert [each.better for each in found] == ["finetune", "frozen"]


def test_what_is_missing_is_named_with_its_seeds():
    known = [row("frozen", "1", seed, share(0.5)) for seed in (0, 2)]
    assert report.absent(SMALL, known) == [
        "- digits-simclr, frozen: 1 (seed 1), all",
        "- digits-simclr, from scratch: 1",
    ]
    every = [*known, row("frozen", "1", 1, share(0.5))]
    every += [row(arm, n, seed, share(0.5)) for arm, n in (("frozen", "all"), ("scratch", "1")) for seed in (0, 1, 2)]
    assert "Nothing is missing." in report.chapter(SMALL, every)


def test_a_study_without_rows_has_no_chapter_of_its_own():
    assert report.book([(SMALL, [])]) == ""
    assert "No training has finished yet." in report.chapter(SMALL, [])


def test_rows_of_other_weights_or_images_are_left_out_counted_and_called_missing():
    """The source was trained anew, then its images changed in number: only what the newest row was made of counts."""
    old = [row("frozen", n, seed, share(0.9)) | {"weights": "old"} for n in ("1", "all") for seed in (0, 1, 2)]
    fewer = [row("scratch", "1", 0, share(0.9, 500)) | {"data": "others"}]
    new = [row(arm, "1", 0, share(p)) for arm, p in (("frozen", 0.5), ("scratch", 0.4))]
    every = [*old, *fewer, *new]
    found = report.of("digits-simclr", every)
    assert found.outcomes == new and found.n_test == 1000
    assert report.absent(SMALL, every) == report.absent(SMALL, new)
    text = report.chapter(SMALL, every)
    assert "7 rows were left out: made with other weights or images" in text and "0.900" not in text
    assert "left out" not in report.chapter(SMALL, new)


# ------------------------------------------------------------------------------------------- the gap


CURVE = {1.0: 0.2, 10.0: 0.4, 100.0: 0.6}


def planted(at, accuracy, seeds=(0, 1, 2)):
    """A curve from scratch, and a frozen encoder that reaches an accuracy with so many labels."""
    curve = [row("scratch", f"{n:.0f}", seed, share(p, 10_000)) for n, p in CURVE.items() for seed in seeds]
    return [*curve, *(row("frozen", str(at), seed, share(accuracy, 10_000)) for seed in seeds)]


def test_the_gap_is_where_the_other_curve_reaches_the_accuracy():
    known = planted(1, 0.4)
    curves, targets = gap.by_seed(known, "scratch"), gap.by_seed(known, "frozen")
    found = gap.measured(1.0, [curves[seed] for seed in (0, 1, 2)], [targets[seed][1.0] for seed in (0, 1, 2)])
    assert found.needed == pytest.approx(10)
    assert found.low <= found.needed <= found.high
    assert "10 (" in gap.table(SMALL, "digits-simclr", known)


def test_the_interval_of_the_gap_holds_the_draw_of_the_test_images():
    """Seeds that agree to the image have no spread of their own."""
    targets = [np.roll(share(0.4, 1000), 500)] * 3  # other images than the curve names
    curve = {n: share(p, 1000) for n, p in CURVE.items()}
    found = gap.measured(1.0, [curve] * 3, targets)
    error = np.sqrt(2 * 0.4 / 1000)  # of the difference of two such shares, no image in both
    per_point = np.log(10) / 0.2
    assert np.log(found.high / found.needed) == pytest.approx(1.96 * error * per_point, rel=0.25)


@pytest.mark.parametrize(("goal", "open_end"), [(0.598, "high"), (0.202, "low")])
def test_draws_that_fall_off_the_curve_open_that_end_of_the_interval(goal, open_end):
    """The goal is so near the end that about half of the draws of 500 images lie off the curve."""
    target = np.roll(share(goal, 500), 100)
    found = gap.measured(1.0, [{n: share(p, 500) for n, p in CURVE.items()}] * 2, [target] * 2)
    ends = {"low": found.low >= 1, "high": found.high <= 100}
    assert ends == {"low": open_end == "high", "high": open_end == "low"}
    words = found.words(1.0, 100.0)
    assert ("to more than 100): " in words) == (open_end == "high")
    assert ("(fewer than 1 to " in words) == (open_end == "low")


def test_an_end_that_the_spread_of_the_seeds_puts_off_the_curve_is_open():
    found = gap.Gap(10.0, 90.0, 0.5, 300.0, 0, 2)
    assert found.words(1.0, 100.0) == "90 (fewer than 1 to more than 100): 9 times (fewer than 0.1 to more than 10)"


def test_a_gap_beyond_the_curve_is_said_with_its_seeds():
    known = [*planted(1, 0.4, seeds=(0, 1)), *planted(1, 0.7, seeds=(2,))]
    assert "more than 100 in 1 of 3 seeds" in gap.table(SMALL, "digits-simclr", known)
    assert "fewer than the fewest" in gap.table(SMALL, "digits-simclr", planted(1, 0.1))
    assert gap.table(SMALL, "digits-simclr", [row("frozen", "1", 0, share(0.5))]) == ""


def test_the_gap_of_one_seed_says_that_seeds_are_not_in_its_interval():
    assert "over seeds and test images" in gap.table(SMALL, "digits-simclr", planted(1, 0.4))
    assert "over test images alone" in gap.table(SMALL, "digits-simclr", planted(1, 0.4, seeds=(0,)))


def test_a_curve_that_is_half_done_is_left_out_of_the_gap():
    known = [row_ for row_ in planted(1, 0.4) if (row_["arm"], row_["seed"], row_["labels"]) != ("scratch", 2, "100")]
    text = gap.table(SMALL, "digits-simclr", known)
    assert "seeds 0, 1:" in text and "| 10 (" in text
