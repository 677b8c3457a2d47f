"""Every desideratum against a slow definition, and on codes in which it is known to hold or not to hold."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score, roc_auc_score

from explorer import Refused
from explorer.evaluation import report_card
from explorer.evaluation.desiderata import DESIDERATA, Found, Subject
from explorer.evaluation.desiderata.hierarchy import correlation, dendrogram
from explorer.evaluation.desiderata.interpolation import detour
from explorer.evaluation.desiderata.interpretability import separation
from explorer.evaluation.desiderata.nuisances import measured, nuisance_factors, read_out
from explorer.evaluation.desiderata.sparsity import hoyer
from explorer.evaluation.disentangling import BINS, binned, mig, mutual_information
from explorer.evaluation.probes.registry import Features

CLASSES = tuple("abcd")


def codes(n=200, dim=6, spread=0.5, seed=0):
    """Features of four classes of as many images."""
    rng = np.random.default_rng(seed)
    means = 3 * np.random.default_rng(9).normal(size=(len(CLASSES), dim))
    y = np.arange(n) % len(CLASSES)
    return Features((means[y] + spread * rng.normal(size=(n, dim))).astype(np.float32), y)


def subject(bank=None, queries=None, **more):
    return Subject("x", bank or codes(), queries or codes(80, seed=1), CLASSES, **more)


def noise(like):
    return Features(np.random.default_rng(len(like.y)).normal(size=like.z.shape).astype(np.float32), like.y)


@pytest.mark.parametrize("name", DESIDERATA)
def test_each_has_a_definition_a_source_and_a_question(name):
    each = DESIDERATA[name]
    assert each.name == name and each.__module__ == f"explorer.evaluation.desiderata.{name}"
    assert each.question.endswith("?") and each.title and any(mark in each.source for mark in ("arXiv", "doi", "20"))
    assert each.numbers and all(number.definition and number.title for number in each.numbers.values())


def test_they_are_the_eight_of_the_lectures_in_their_order():
    assert [each.name for each in sorted(DESIDERATA.values(), key=lambda it: it.order)] == [
        "downstream", "interpretability", "clusterability", "interpolation", "disentanglement", "sparsity", "hierarchy",
        "nuisances",
    ]  # fmt: skip


@pytest.mark.parametrize("name", DESIDERATA)
def test_each_finds_only_what_it_declares_and_finite_numbers(name):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (n, 1, 4, 4), dtype=np.uint8) for n in (200, 80)]
    factors = [{"size": rng.random(n), "hue": rng.random(n)} for n in (200, 80)]
    whole = subject(
        bank_factors=factors[0], factors=factors[1], bank_images=pictures[0], images=pictures[1],
        space=lambda x: x.reshape(len(x), -1).astype(np.float32), tree="((a, b), (c, d))",
        decode=lambda z: np.zeros((len(z), 1, 4, 4), np.uint8),
    )  # fmt: skip
    found = DESIDERATA[name](whole)
    assert isinstance(found, Found) and found.numbers.keys() == DESIDERATA[name].numbers.keys()
    assert np.isfinite(list(found.numbers.values())).all()


# ----------------------------------------------------------------------------------------------- downstream use


def test_codes_that_separate_classes_need_few_labels_and_noise_has_chance():
    good = DESIDERATA["downstream"](subject())
    assert good.numbers["accuracy"] == 1 and good.numbers["labels_90"] <= 8
    assert good.more["low"] < 1 == good.more["high"]
    poor = DESIDERATA["downstream"](subject(codes(spread=4), codes(80, spread=4, seed=1)))
    assert poor.numbers["accuracy"] < 0.9 and poor.numbers["labels_90"] > good.numbers["labels_90"]
    counts = list(map(int, poor.more["curve"]))
    assert counts[0] == 4 and counts[-1] == 200 and all(a < b for a, b in pairwise(counts))


def test_the_labels_needed_lie_where_the_curve_has_90_percent_of_the_gain():
    found = DESIDERATA["downstream"](subject(codes(spread=4), codes(80, spread=4, seed=1)))
    curve = {int(n): value for n, value in found.more["curve"].items()}
    wanted = 0.25 + 0.9 * (found.numbers["accuracy"] - 0.25)
    assert wanted <= max(value for n, value in curve.items() if n >= found.numbers["labels_90"])
    assert all(value < wanted for n, value in curve.items() if n < 0.99 * found.numbers["labels_90"])


def test_images_of_a_class_without_labels_are_not_counted_as_mistakes():
    half = Features(codes().z[codes().y < 2], codes().y[codes().y < 2])
    found = DESIDERATA["downstream"](subject(half))
    assert found.numbers["accuracy"] == 1 and found.left_out.startswith("40 images are of classes without labelled")
    with pytest.raises(Refused, match="no training image has a class of the images"):
        DESIDERATA["downstream"](subject(half, Features(codes(80).z, np.full(80, 3))))


@pytest.mark.parametrize("know_nothing", [noise, lambda like: Features(np.ones_like(like.z), like.y)])
def test_features_that_say_nothing_are_not_praised_for_needing_few_labels(know_nothing):
    whole = subject(know_nothing(codes()), know_nothing(codes(80, seed=1)))
    found = DESIDERATA["downstream"](whole)
    assert "labels_90" not in found.numbers and "not better than always naming" in found.left_out
    row = report_card.card([whole, subject()])[0]
    assert row["numbers"]["labels_90"]["values"][0] is None and row["refused"] == [found.left_out, ""]


# --------------------------------------------------------------------------------------------- interpretability


def test_separation_is_the_area_under_the_curve():
    of = codes(60, spread=3)
    found = separation(of.z, of.y, 5)
    for k in range(4):
        for d in range(6):
            assert found[k, d] == pytest.approx(2 * roc_auc_score(of.y == k, of.z[:, d]) - 1)
    assert np.isnan(found[4]).all()


def test_a_dimension_of_each_class_is_found_with_its_images_and_noise_has_none():
    def one_hot(of):
        z = np.eye(4)[of.y] * (1, -1, 1, 1) + 0.1 * np.random.default_rng(len(of.y)).normal(size=(len(of.y), 4))
        return Features(z, of.y)

    found = DESIDERATA["interpretability"](subject(one_hot(codes()), one_hot(codes(80, seed=1))))
    assert found.numbers == pytest.approx({"selectivity": 1, "best": 1}, abs=1e-6)
    assert sorted((each["dimension"], each["class"]) for each in found.more["dimensions"]) == list(enumerate("abcd"))
    assert all(set(each["top_classes"]) == {each["class"]} for each in found.more["dimensions"]), "also the negative"
    wide = [Features(np.random.default_rng(i).normal(size=(80, 300)), codes(80).y) for i in range(2)]
    assert abs(DESIDERATA["interpretability"](subject(*wide)).numbers["selectivity"]) < 0.04, "chosen on other images"


# ----------------------------------------------------------------------------------------------- clusterability


def test_clusters_that_are_the_classes_agree_and_noise_does_not():
    found = DESIDERATA["clusterability"](subject())
    assert found.numbers["agreement"] == 1 and found.numbers["silhouette"] > 0.5
    assert found.numbers["silhouette"] == pytest.approx(found.numbers["kmeans_silhouette"])
    nothing = DESIDERATA["clusterability"](subject(queries=noise(codes(80))))
    assert abs(nothing.numbers["agreement"]) < 0.1 and nothing.numbers["silhouette"] < 0.05


# ------------------------------------------------------------------------------------------------- interpolation


def test_a_detour_is_the_way_over_a_third_point():
    a, b = np.zeros((3, 2)), np.array([[2.0, 0], [2, 0], [2, 0]])
    assert detour(a, b, np.array([[1.0, 0], [0.5, 0], [1, 0]])) == 1
    assert detour(a, b, np.array([[1.0, 1], [1, 1], [1, 0]])) == pytest.approx(np.sqrt(2))
    assert detour(a, a, b) == 1


def test_codes_that_are_the_space_have_a_short_way_and_noise_that_of_chance():
    rng = np.random.default_rng(0)
    there, asked = (rng.integers(0, 255, (n, 1, 2, 1), dtype=np.uint8) for n in (1500, 200))

    def space(x):
        return x.reshape(len(x), -1).astype(np.float32)

    def found(bank, queries):
        known, other = Features(bank, np.zeros(1500, int)), Features(queries, np.zeros(200, int))
        return DESIDERATA["interpolation"](
            subject(known, other, bank_images=there, images=asked, space=space, decode=lambda z: np.clip(z, 0, 255)
                    .round().astype(np.uint8).reshape(-1, 1, 2, 1))
        ).numbers  # fmt: skip

    same = found(space(there), space(asked))
    assert same["detour"] < 1.05 and same["detour_chance"] > 1.3
    assert same["off_data"] == pytest.approx(same["off_blend"], rel=0.3) and same["off_ends"] == pytest.approx(
        1, rel=0.3
    )
    other = found(*(rng.normal(size=(n, 5)).astype(np.float32) for n in (1500, 200)))
    assert other["detour"] == pytest.approx(other["detour_chance"], rel=0.2)


def test_images_that_are_copies_of_training_images_give_no_unit_of_distance():
    there = np.random.default_rng(0).integers(0, 255, (200, 1, 4, 4), dtype=np.uint8)

    def space(x):
        return x.reshape(len(x), -1).astype(np.float32) / 7

    whole = subject(bank_images=there, images=there[:80], space=space, decode=lambda z: there[: len(z)])
    found = DESIDERATA["interpolation"](whole)
    assert found.numbers.keys() == {"detour", "detour_chance"} and "are copies of training images" in found.left_out


# ----------------------------------------------------------------------------------------------- disentanglement


def test_information_is_that_of_scikit_learn_and_bins_are_equally_full():
    rng = np.random.default_rng(0)
    a, b = binned(rng.normal(size=1000)), binned(rng.integers(0, 4, 1000))
    assert np.bincount(a).tolist() == [1000 // BINS] * BINS and set(b) == {0, 1, 2, 3}
    assert mutual_information(a, b) == pytest.approx(mutual_info_score(a, b))
    assert mutual_information(b, b) == pytest.approx(-(np.bincount(b) / 1000 * np.log(np.bincount(b) / 1000)).sum())


def test_a_dimension_for_each_factor_is_a_gap_of_nearly_one_and_a_rotation_or_a_copy_closes_it():
    rng = np.random.default_rng(0)
    v = rng.random((2000, 3))
    factors = dict(zip("uvw", v.T, strict=True))
    assert np.mean(list(mig(v * (1, -5, 2), factors).values())) > 0.9
    turned = v @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert np.mean(list(mig(turned, factors).values())) < 0.5
    assert mig(np.concatenate([v, v], 1), factors) == pytest.approx(dict.fromkeys("uvw", 0.0), abs=1e-9)
    assert mig(v, {"same": np.zeros(2000)}) == {"same": 0.0}


# ------------------------------------------------------------------------------------------------------ sparsity


def test_sparsity_is_one_for_one_number_and_zero_for_equal_ones_whatever_the_scale():
    assert hoyer(np.array([[0, 7.0, 0, 0]])).tolist() == [1]
    assert hoyer(np.array([[2.0, -2, 2, 2]])) == pytest.approx([0])
    z = np.random.default_rng(0).normal(size=(5, 9))
    slow = [(3 - sum(abs(v) for v in row) / sum(v * v for v in row) ** 0.5) / 2 for row in z]
    assert hoyer(z) == pytest.approx(slow) and hoyer(1e-6 * z) == pytest.approx(slow)
    assert len(hoyer(np.array([[0, 0], [1, 2.0]]))) == 1, "a code of zeros is left out"


# ----------------------------------------------------------------------------------------------------- hierarchy


def test_a_dendrogram_joins_classes_at_the_mean_distance_between_groups():
    assert dendrogram(np.array([[0.0], [1], [10]])).tolist() == [1, 9.5, 9.5]


def test_classes_in_the_order_of_the_tree_agree_with_it():
    means = np.array([[0.0, 0], [1, 0], [10, 0], [11, 0]])
    of = Features(means[codes().y], codes().y)
    found = DESIDERATA["hierarchy"](subject(of, tree="((a, b), (c, d))"))
    assert found.numbers["cophenetic"] == pytest.approx(1)
    other = DESIDERATA["hierarchy"](subject(of, tree="((a, c), (b, d))"))
    assert other.numbers["cophenetic"] < 0 and other.numbers["p"] > 0.3 > found.numbers["p"] - 0.1
    assert correlation(np.array([1.0, 2, 4]), np.array([3.0, 1, 9])) == pytest.approx(
        np.corrcoef([1, 2, 4], [3, 1, 9])[0, 1]
    )


# ----------------------------------------------------------------------------------------------------- nuisances


def test_a_factor_that_is_kept_is_read_out_and_one_that_is_not_is_nothing():
    rng = np.random.default_rng(0)
    z, other = rng.normal(size=(400, 5)), rng.normal(size=(200, 5))
    assert read_out(z, 3 * z[:, :1] - 1, other, 3 * other[:, :1] - 1) > 0.99
    assert read_out(z, rng.random((400, 1)), other, rng.random((200, 1))) < 0.05
    assert read_out(z, np.ones((400, 1)), other, np.ones((200, 1))) == 0
    half = z[:, :1] + rng.normal(size=(400, 1)), other[:, :1] + rng.normal(size=(200, 1))
    assert read_out(z, half[0], other, half[1]) == pytest.approx(0.5, abs=0.12)
    assert read_out(np.ones((400, 5)), half[0], other, half[1]) < 0.02, "constant features say nothing"


def test_a_factor_that_goes_round_has_no_seam_and_the_class_is_no_nuisance():
    y = np.arange(100) % 4
    found = nuisance_factors({"shape": y, "hue": np.linspace(0, 1, 100), "name": np.array(["n"] * 100)}, y, None)
    assert list(found) == ["hue"] and found["hue"].shape == (100, 2)
    assert found["hue"][0] == pytest.approx(found["hue"][-1])


def test_of_photographs_brightness_and_centre_are_measured():
    images = np.zeros((2, 3, 5, 5), np.uint8)
    images[0, :, :, 4], images[1, :, 0] = 255, 255
    found = measured(images)
    assert found["horizontal centre"].ravel() == pytest.approx([1, 0])
    assert found["vertical centre"].ravel() == pytest.approx([0, -1])
    assert found["brightness"].ravel() == pytest.approx([0.2, 0.2])


# ------------------------------------------------------------------------------------- what cannot be measured

CONSTANT = Features(np.ones((200, 3), np.float32), codes().y)
ONE = Features(codes().z, np.zeros(200, int))


@pytest.mark.parametrize(("name", "given", "words"), [
    ("downstream", {"bank": ONE, "queries": ONE}, "there is one class only"),
    ("interpretability", {"bank": ONE, "queries": ONE}, "there are not two classes"),
    ("clusterability", {"queries": ONE}, "there is one class only"),
    ("clusterability", {"queries": CONSTANT}, "all images have the same features"),
    ("interpolation", {}, "it takes images"),
    ("disentanglement", {}, "the factors of these images are not known"),
    ("sparsity", {"queries": Features(np.zeros((4, 3)), np.arange(4))}, "codes that are all zero"),
    ("sparsity", {"queries": Features(np.ones((4, 1)), np.arange(4))}, "codes of a single number"),
    ("hierarchy", {}, "no tree of these classes is known"),
    ("hierarchy", {"tree": "((a, b), (c, x))"}, "no class 'x' for the tree; choose from a, b, c, d"),
    ("hierarchy", {"tree": "(a, (b, c))"}, "a tree of 3 classes says nothing"),
    ("hierarchy", {"tree": "(a, b, c, d)"}, "joins all classes at one height"),
    ("hierarchy", {"tree": "((a, b), (c, d))", "bank": CONSTANT}, "all class means are the same"),
    ("nuisances", {}, "there are no factors to keep"),
])  # fmt: skip
def test_what_does_not_exist_is_said_in_a_sentence(name, given, words):
    with pytest.raises(Refused, match=words):
        DESIDERATA[name](subject(**given))
