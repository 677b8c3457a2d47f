"""What a training must beat, on the images that it is watched on."""

import dataclasses

import numpy as np
import pytest

from explorer import data
from explorer.data import kept
from explorer.evaluation import reference_levels
from explorer.models import feature_cache
from explorer.models.loading import load
from explorer.models.model import PrincipalComponents


def test_the_curve_must_beat_pixels_on_the_images_that_are_watched():
    digits = data.load("digits")
    value = reference_levels.watched_knn(load("pixels", digits), digits)
    validation, bank = digits.probe()
    assert value * len(validation) == pytest.approx(round(value * len(validation)))
    assert 0.9 < value < 1 and len(bank)
    two = reference_levels.watched_knn(load("pixels", digits), digits, ("0", "1"))
    assert two > value


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "cache_root", lambda: tmp_path / "own-cache")
    return tmp_path / "own-cache"


@pytest.mark.parametrize("text", ["pixels", "pca", "untrained", "digits-simclr"])
def test_a_level_is_measured_once_for_all_runs_and_processes(text, cache, monkeypatch):
    digits = data.load("digits")
    expected = reference_levels.watched_knn(load(text, digits), digits)
    two = reference_levels.watched_knn(load(text, digits), digits, ("0", "1"))

    def measured_again(*_):
        raise AssertionError("it measures again what is known")

    monkeypatch.setattr(reference_levels, "PROBES", {"knn": measured_again})
    assert reference_levels.watched_knn(load(text, digits), digits) == expected
    assert reference_levels.watched_knn(load(text, digits), digits, ("0", "1")) == two
    assert len(list((cache / "levels").iterdir())) == 2


def test_a_level_that_is_known_is_the_one_that_would_be_measured(cache, monkeypatch):
    digits = data.load("digits")
    known = [reference_levels.watched_knn(load("pca", digits), digits) for _ in range(2)]
    monkeypatch.setattr(PrincipalComponents, "identity", lambda self: "")
    assert known == [reference_levels.watched_knn(load("pca", digits), digits)] * 2


def test_a_probe_that_is_edited_while_a_process_runs_does_not_change_what_it_computes_by(cache, tmp_path, monkeypatch):
    digits = data.load("digits")
    reference_levels.watched_knn(load("pixels", digits), digits)
    feature_cache.code.cache_clear()
    monkeypatch.setattr(feature_cache, "SOURCE", tmp_path)  # where there is no such source
    reference_levels.watched_knn(load("pixels", digits), digits)
    assert len(list((cache / "levels").iterdir())) == 1
    monkeypatch.setattr(feature_cache, "EVALUATION", "of another version")
    reference_levels.watched_knn(load("pixels", digits), digits)
    assert len(list((cache / "levels").iterdir())) == 2


def test_a_level_of_other_labels_is_another_one(cache):
    digits = data.load("digits")
    train = digits.splits["train"]
    wrong = dataclasses.replace(
        digits, splits={**digits.splits, "train": train._replace(y=np.random.default_rng(0).permutation(train.y))}
    )
    assert reference_levels.watched_knn(load("pixels", digits), digits) > 0.9
    assert reference_levels.watched_knn(load("pixels", wrong), wrong) < 0.3


def test_imbalanced_classes_have_a_level_that_needs_no_network():
    digits = data.load("digits")
    assert reference_levels.watched_majority(digits) is None
    splits = {split: images._replace(y=(images.y == 0).astype(np.int64)) for split, images in digits.splits.items()}
    ones = dataclasses.replace(digits, splits=splits)
    share = (splits["validation"].y == 0).mean()
    assert reference_levels.watched_majority(ones) == pytest.approx(share) and share > 0.85
    assert reference_levels.watched_majority(ones, ("0", "1")) == pytest.approx(share)
