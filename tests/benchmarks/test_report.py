"""What a study's table says of its rows."""

import math

import pytest

from explorer.__main__ import main
from explorer.benchmarks import Arm, Protocol, Study, label_efficiency, report, runner
from tests.benchmarks.study_cases import ARMS, SMALL, go, planted


def test_the_table_has_means_spreads_and_differences_of_the_same_seed():
    pixels, plain, smooth, long = ARMS
    known = [planted(pixels, 0, knn=0.3, linear_100=0.4)]
    for seed, (a, b) in enumerate([(0.5, 0.6), (0.6, 0.61), (0.7, 0.8)]):
        known.append(
            planted(
                plain, seed, knn=a, linear_100=a, untrained_knn=a - 0.1 * (seed + 1), settled_knn=a, steps=900 + seed
            )
        )
        known.append(planted(smooth, seed, knn=b, linear_100=b + 0.1))
    known.append(planted(long, 7, knn=0.9, linear_100=0.9))  # no seed in common
    text = report.markdown(SMALL, "digits", known)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    cells = {line[0].removesuffix(" \\*"): dict(zip(lines[0], line, strict=True)) for line in lines[2:]}
    assert list(cells) == ["pixels", "plain", "smooth", "long"]
    assert [line[0] for line in lines[2:] if line[0].endswith("\\*")] == ["plain \\*"], "it made few steps"
    assert cells["plain"]["kNN over settled"] == "+0.000"
    assert cells["plain"]["n"] == "3"
    assert cells["plain"]["kNN"] == "0.600 (0.500 to 0.700)"
    assert cells["plain"]["kNN over untrained"] == "+0.200 (+0.100 to +0.300)"
    assert cells["smooth"]["against"] == "plain"
    assert cells["smooth"]["kNN, difference"] == "+0.070 (+0.010 to +0.100)"
    assert cells["smooth"]["linear 100%, difference"] == "+0.170 (+0.110 to +0.200)"
    assert cells["long"]["kNN, difference"] == ""
    assert cells["pixels"]["kNN"] == "0.300"
    assert "linear 10 %" not in lines[0], "a column that nobody fills is left out"
    assert "**Is it so?**" in text
    assert "`digits` (abcdef01), 0.064 core-seconds of training on at most 100 images, batch 64, encoder `conv`" in text
    assert "width 0.5, 100 labelled and 50 test images, drawn by each seed." in text
    assert "half the resolution" not in text and "learning rates" not in text, "TINY has none of it"
    assert "Seeds 0, 1, 2, 7" in text
    assert "a machine, 1 thread; torch 2.0, Python 3.11." in text
    assert text == report.markdown(SMALL, "digits", [*known[::-1]]), "the order of the rows does not matter"


def test_a_ranking_is_sorted_by_the_linear_probe():
    study = Study("small", "Is it so?", lambda: ARMS, ranked=True)
    scores = {"pixels": 0.2, "plain": 0.8, "smooth": 0.5, "long": 0.9}
    known = [planted(arm, 0, knn=0.1, linear_100=scores[arm.label]) for arm in ARMS]
    text = report.markdown(study, "digits", known)
    assert [line.split()[1] for line in text.splitlines() if line.startswith("|")][2:] == [
        "long",
        "plain",
        "smooth",
        "pixels",
    ]


def test_of_several_numbers_the_smallest_counts():
    arms = [Arm("best", reference="pca:8"), Arm("mine", "autoencoder", against="best")]
    study = Study("small", "Is it so?", lambda: arms, columns={"measured.angles": "smallest"})
    known = [planted(arms[1], seed, knn=0.4, measured={"angles": [0.9, 0.3]}) for seed in (0, 1, 2)]
    assert "| 0.300 |" in report.markdown(study, "digits", known)


def test_a_protocol_says_what_makes_its_trainings_cheap():
    known = [planted(ARMS[1], 0, protocol=Protocol(), knn=0.5)]
    text = report.markdown(SMALL, "digits", known)
    assert "60 core-seconds of training on at most 30,000 images" in text
    assert "The first 90% of the steps at half the resolution, where a method can." in text
    assert "means over a grid of 2×2" in text and "Of 2 learning rates the one that the validation images" in text
    assert "on all images" in report.markdown(
        SMALL, "digits", [planted(ARMS[1], 0, protocol=Protocol(subset=0), knn=0.5)]
    )


def test_rows_of_the_earlier_protocol_stand_apart_and_say_so():
    row = planted(ARMS[1], 0, knn=0.5)
    earlier = row | {"protocol": {"subset": 100, "epochs": 4, "encoder": "conv", "width": 1, "size": 0, "test": 0}}
    text = report.markdown(SMALL, "digits", [row, earlier])
    assert text.count("| plain | 1 |") == 2
    assert "An earlier protocol: 100 training images, 4 epochs, encoder `conv`, 50 test images." in text


def test_rows_of_other_images_are_never_put_into_one_mean():
    known = [planted(ARMS[1], seed, knn=0.5, data=hash) for seed, hash in ((0, "aaaa"), (1, "bbbb"))]
    assert report.markdown(SMALL, "digits", known).count("| plain | 1 |") == 2


def test_the_table_alone_trains_nothing(small, out, capsys, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    whole = capsys.readouterr().out
    monkeypatch.setattr(runner, "conduct", lambda *_: pytest.fail("it trains"))
    assert main(["study", "small", "digits", "--table", "--arms", "plain", "--out", str(out)]) == 0
    assert capsys.readouterr().out == whole
    assert main(["study", "small", "shapes", "--table", "--out", str(out)]) == 0
    assert "No run has finished yet." in capsys.readouterr().out


def test_few_labels_are_turned_into_labels_that_supervised_learning_needs():
    assert label_efficiency.labels_needed({100: 0.2, 1000: 0.4}, 0.3) == pytest.approx(10**2.5)
    assert label_efficiency.labels_needed({100: 0.2, 1000: 0.4}, 0.5) == math.inf
    assert label_efficiency.labels_needed({100: 0.2, 1000: 0.4}, 0.1) == 0
    arms = {f"supervised {n} labels": {0: {"n_train": n, "accuracy": a}} for n, a in ((100, 0.2), (1000, 0.4))}
    arms["simclr"] = {0: {"n_bank": 1000, "linear_100": 0.5, "linear_at": {"100": 0.3}}}
    lines = label_efficiency.summary_table(arms).splitlines()
    assert lines[2] == "| 100 | 0.200 | 0.300 | 316 (3.2 times) |"
    assert lines[3] == "| 1,000 | 0.400 | 0.500 | more than 1,000 (1 of 1 seeds) |"
