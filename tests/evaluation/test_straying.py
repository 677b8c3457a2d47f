"""How far ways stray from real images, and how sure that is."""

import numpy as np
import pytest

from explorer import Refused, data
from explorer.evaluation import interpolation, straying
from explorer.models import loading


def test_a_real_image_strays_by_one_and_a_training_image_not_at_all():
    splits = data.load("digits").splits
    training, others = splits["train"].x[:], splits["validation"].x[:]
    pixels = straying.space("pixels", straying.flat, training, others)
    assert np.median(straying.stray(pixels, others)) == pytest.approx(1)
    assert straying.stray(pixels, training[:20]) == pytest.approx(0, abs=1e-6)
    assert straying.stray(pixels, 255 - others[:20]).min() > 2


def test_copies_of_training_images_give_no_usual_distance():
    x = data.load("digits").splits["train"].x[:50]
    with pytest.raises(Refused, match="copies of training images"):
        straying.space("pixels", straying.flat, x, x[:20])


def test_pairs_are_of_two_classes_and_use_each_image_as_seldom_as_possible():
    y = data.load("digits").splits["validation"].y
    pairs = straying.pairs(y, 200, 0)
    assert pairs.shape == (200, 2)
    assert (y[pairs[:, 0]] != y[pairs[:, 1]]).all()
    assert np.bincount(pairs.ravel()).max() == 2  # 400 ends of 359 images
    assert (pairs == straying.pairs(y, 200, 0)).all()
    assert (pairs != straying.pairs(y, 200, 1)).any()
    with pytest.raises(Refused, match="one class"):
        straying.pairs(np.zeros(50, int), 20, 0)


def test_the_interval_of_independent_pairs_is_the_usual_one_and_shared_images_widen_it():
    rng = np.random.default_rng(0)
    values = rng.normal(2, 1, 400)
    mean, low, high = straying.mean_interval(values, np.arange(800).reshape(400, 2))
    assert mean == pytest.approx(values.mean())
    assert high - low == pytest.approx(2 * 1.96 * values.std(ddof=1) / 20, rel=1e-6)
    ends = rng.integers(0, 40, (400, 2))
    effect = rng.normal(size=40)
    dependent = effect[ends].sum(1)  # what a pair has is what its images have
    _, low, high = straying.mean_interval(dependent, ends)
    assert (high - low) > 2 * 2 * 1.96 * dependent.std() / 20


def test_the_share_of_nearer_pairs_accounts_for_shared_images_and_is_never_certain():
    rng = np.random.default_rng(0)
    ends, effect = rng.integers(0, 20, (200, 2)), rng.normal(size=20)
    dependent = straying.compared(effect[ends].sum(1), np.zeros(200), ends)["nearer_interval"]
    alone = straying.compared(effect[ends].sum(1), np.zeros(200), np.arange(400).reshape(200, 2))["nearer_interval"]
    assert dependent[1] - dependent[0] > 1.5 * (alone[1] - alone[0])
    always = straying.compared(np.zeros(200), np.ones(200), ends)
    assert always["nearer"] == 1
    assert 0.9 < always["nearer_interval"][0] < 0.99


class Identity:
    """A model whose code is the image."""

    title, can_decode = "Identity", True

    def inputs(self, x):
        return x

    def embed(self, x):
        return np.asarray(x, np.float32).reshape(len(x), -1)

    def decode(self, codes):
        return codes.round().clip(0, 255).astype(np.uint8).reshape(len(codes), 1, 3, 3)


def test_a_way_through_the_data_is_not_near_by_construction():
    """Noise fills its space evenly, so a way over other images of it is no nearer to images than a straight one."""
    rng = np.random.default_rng(0)
    training, images = (rng.integers(0, 256, (n, 1, 3, 3), np.uint8) for n in (800, 400))
    ends = np.arange(400).reshape(200, 2)
    spaces = [("pixels", straying.flat)]
    ways = interpolation.measure(Identity(), Identity(), images, training, ends, spaces)["spaces"]["pixels"]
    assert ways["data"]["stray"][2] > ways["linear"]["stray"][1]


def test_the_two_halves_of_the_training_images_share_no_image():
    x = np.random.default_rng(0).integers(0, 256, (60, 1, 2, 2), np.uint8)
    along, bank = interpolation.halves(np.concatenate([x, x[:20]]))
    assert abs(len(along) - len(bank)) < 20
    assert not {image.tobytes() for image in along} & {image.tobytes() for image in bank}


@pytest.fixture(scope="module")
def measured():
    dataset = data.load("digits")
    model = loading.load("digits-autoencoder", dataset)
    images, training = (dataset.splits[name].x[:] for name in ("validation", "train"))
    ends = straying.pairs(dataset.splits["validation"].y, 60, 0)
    control = loading.load("pca:10", dataset)
    return interpolation.measure(model, control, images, training, ends, [("pixels", straying.flat)])


def test_each_way_is_measured_beside_the_blend_and_components(measured):
    ways = measured["spaces"]["pixels"]
    assert list(ways) == ["linear", "spherical", "data", "pca", "blend"]
    for name in ("linear", "spherical", "data"):
        against = ways[name]["against_blend"]
        middle, low, high = against["difference"]
        assert low < middle < high
        assert middle == pytest.approx(ways[name]["stray"][0] - ways["blend"]["stray"][0])
        assert 0 <= against["nearer"] <= 1
    assert ways["linear"]["against_blend"]["difference"][2] < 0  # decoded ways of the shipped autoencoder are nearer
    assert ways["data"]["stray"][0] < ways["linear"]["stray"][0]


def test_a_model_without_a_decoder_or_with_one_code_for_all_is_refused():
    dataset = data.load("digits")
    images, ends = dataset.splits["validation"].x[:40], np.array([[0, 1], [2, 3]])
    pca = loading.load("pca:4", dataset)
    with pytest.raises(Refused, match="has no decoder"):
        interpolation.measure(loading.load("digits-simclr", dataset), pca, images, images, ends, [])

    class Collapsed(type(pca)):
        def embed(self, x, batch=0):
            return np.ones((len(x), 4), np.float32)

    with pytest.raises(Refused, match="has not collapsed"):
        interpolation.measure(Collapsed("c", "Collapsed", dataset, 4), pca, images, images, ends, [])
