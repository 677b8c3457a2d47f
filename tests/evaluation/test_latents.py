"""What is inside the code, on models that are made in a moment."""

import numpy as np
import pytest

from explorer import Refused, data
from explorer.core import DataSpec, TrainConfig
from explorer.evaluation.latents import interpolate, linear_floor, plane, reconstruct, traverse
from explorer.models import loading
from explorer.models.build import fresh, network


@pytest.fixture(scope="module")
def images():
    return data.load("digits").splits["validation"].x


@pytest.fixture(scope="module")
def pca():
    return loading.load("pca:8", data.load("digits"))


@pytest.fixture(scope="module")
def autoencoder():
    spec = DataSpec.image("digits", 1, 8, tuple("0123456789"), 100)
    cfg = TrainConfig(encoder="mlp", seed=1)
    return network("test", "Test", fresh("autoencoder", {"latent": 4}, cfg, spec), cfg)


def test_principal_components_are_the_best_linear_reconstruction(pca, images):
    train = data.load("digits").splits["train"].x
    flat = train.reshape(len(train), -1) / 255
    mean = flat.mean(0)
    basis = np.linalg.svd(flat - mean, full_matrices=False)[2][:8]
    x = images.reshape(len(images), -1) / 255
    best = (((x - mean) @ basis.T @ basis + mean).clip(0, 1) - x) ** 2
    drawn, error = reconstruct(pca, images)
    assert drawn.shape == images.shape
    assert drawn.dtype == np.uint8
    assert np.allclose(error, best.mean(1), atol=2e-3)
    fewer = reconstruct(loading.load("pca:3", data.load("digits")), images)[1]
    assert fewer.mean() > error.mean()


@pytest.mark.parametrize("n", [20, 200])  # fewer and more images than pixels
def test_no_linear_code_draws_better_than_the_images_own_components(n, images):
    flat = images[:n].reshape(n, -1) / 255
    mean = flat.mean(0)
    basis = np.linalg.svd(flat - mean, full_matrices=False)[2]
    for k in (0, 3, 8):
        best = (((flat - mean) @ basis[:k].T @ basis[:k] + mean - flat) ** 2).mean()
        assert linear_floor(images[:n], k) == pytest.approx(best)
    assert linear_floor(images[:n], 64) == pytest.approx(0, abs=1e-9)


def test_the_plane_of_a_code_of_two_numbers_lies_as_its_map_does(images):
    model = loading.load("pca:2", data.load("digits"))
    codes = model.embed(images)
    drawn, (low, high) = plane(model, codes, 5)
    assert drawn.shape == (25, 1, 8, 8)
    assert (drawn[0] == model.decode(np.array([[low[0], high[1]]]))[0]).all()  # left above
    assert (drawn[-1] == model.decode(np.array([[high[0], low[1]]]))[0]).all()  # right below
    assert ((codes >= low) & (codes <= high)).all(1).mean() > 0.9


def test_known_codes_spare_the_way_through_the_network(pca, images):
    codes = pca.embed(images)
    assert (reconstruct(pca, images)[1] == reconstruct(pca, images, codes)[1]).all()


@pytest.mark.parametrize("name", ["pca", "autoencoder"])
def test_a_way_begins_and_ends_with_the_drawings_of_the_two_images(name, images, request):
    model = request.getfixturevalue(name)
    way = interpolate(model, images[3], images[40], 7, images[:100])
    assert way["how"] == "decoded"
    assert way["path"].shape == way["pixels"].shape == (7, 1, 8, 8)
    ends = model.decode(model.embed(images[[3, 40]]))
    middle = model.decode(model.embed(images[[3, 40]]).mean(0, keepdims=True))
    assert np.abs(way["path"][[0, 3, 6]].astype(int) - [ends[0], middle[0], ends[1]]).max() <= 1
    assert (way["pixels"][[0, 6]] == images[[3, 40]]).all()
    assert np.abs(way["pixels"][3].astype(int) - images[[3, 40]].mean(0)).max() <= 1


def test_a_model_that_cannot_draw_shows_the_nearest_real_images(images):
    model = loading.load("pixels", data.load("digits"))
    way = interpolate(model, images[3], images[40], 5, images[:100])
    assert way["how"] == "nearest"
    assert (way["path"][[0, 4]] == images[[3, 40]]).all()
    assert way["nearest"][[0, 4]].tolist() == [-1, -1]
    inner = way["nearest"][1:-1]
    assert not {3, 40} & set(inner.tolist())  # the two themselves are no news
    assert (way["path"][1:-1] == images[inner]).all()
    line = np.linspace(0, 1, 5)[1:-1, None] * (images[40] - images[3].astype(float)).ravel() + images[3].ravel()
    slow = [np.argsort(((images[:100].reshape(100, -1) - at) ** 2).sum(1)) for at in line]
    assert inner.tolist() == [next(row for row in order if row not in (3, 40)) for order in slow]


@pytest.mark.parametrize("kind", ["spherical", "data"])
def test_other_ways_have_the_same_ends_and_another_middle(kind, autoencoder, images):
    straight = interpolate(autoencoder, images[3], images[40], 5, images)
    other = interpolate(autoencoder, images[3], images[40], 5, images, kind=kind)
    assert np.allclose(other["codes"][[0, -1]], straight["codes"][[0, -1]], atol=1e-6)
    assert not np.allclose(other["codes"][2], straight["codes"][2], atol=1e-3)
    assert (other["path"][2] == autoencoder.decode(other["codes"][2:3])[0]).all()


def test_codes_of_a_frame_in_half_precision_serve_as_well(autoencoder, images):
    codes = autoencoder.embed(images[:100])
    exact = interpolate(autoencoder, images[3], images[40], 5, images[:100], codes)
    half = interpolate(autoencoder, images[3], images[40], 5, images[:100], codes.astype(np.float16))
    assert (exact["nearest"] == half["nearest"]).all()
    assert (exact["path"] == half["path"]).all()


def test_a_traverse_moves_one_number_and_leaves_the_others(autoencoder, images):
    made = traverse(autoencoder, images[3], images[:100], steps=5)
    assert made["images"].shape == (4, 5, 1, 8, 8)
    drawn = autoencoder.decode(autoencoder.embed(images[3:4]))[0]
    assert np.abs(made["images"][:, 2].astype(int) - drawn).max() <= 1  # the middle of every row is the image itself
    code = autoencoder.embed(images[3:4])
    code[0, 2] += 2 * autoencoder.embed(images[:100]).std(0)[2]
    assert np.abs(made["images"][2, 4].astype(int) - autoencoder.decode(code)[0]).max() <= 1
    only = traverse(autoencoder, images[3], images[:100], [2], 5)
    assert np.array_equal(only["images"][0], made["images"][2])
    assert only["effect"] == pytest.approx(made["effect"][2:3])


def test_what_a_model_cannot_do_is_refused(pca, images):
    raw = loading.load("pixels", data.load("digits"))
    for ask in (lambda: reconstruct(raw, images), lambda: traverse(raw, images[0], images)):
        with pytest.raises(Refused, match="has no decoder"):
            ask()
    with pytest.raises(Refused, match="3 to 31"):
        interpolate(pca, images[0], images[1], 2, images)
    with pytest.raises(Refused, match="needs a code of 2"):
        plane(pca, pca.embed(images))
    with pytest.raises(Refused, match="no dimension 8"):
        traverse(pca, images[0], images, [8])
    with pytest.raises(Refused, match="collapsed"):
        interpolate(pca, images[0], images[1], 5, images, np.zeros((len(images), 8)) + pca.embed(images[:1]))
