"""New points find their places on a map by what is known of the old ones, which stay where they are."""

import numpy as np
import pytest
from sklearn.decomposition import PCA, KernelPCA
from sklearn.manifold import Isomap, LocallyLinearEmbedding

from explorer import Refused
from explorer.evaluation.placing import PLACES, place
from explorer.evaluation.preparation import preparation
from explorer.evaluation.projections import PROJECTIONS, Options, project
from tests.evaluation.projection_cases import blobs

OLD, NEW = blobs(150, 6)[:120], blobs(150, 6)[120:]
FITTED = {
    "pca": lambda: PCA(2), "kernel_pca": lambda: KernelPCA(2, kernel="rbf"),
    "isomap": lambda: Isomap(n_neighbors=60, n_components=2),
    "lle": lambda: LocallyLinearEmbedding(n_neighbors=60, n_components=2),
}  # fmt: skip


def test_every_projection_places_new_points():
    assert PLACES.keys() == PROJECTIONS.keys()


@pytest.mark.parametrize("how", FITTED)
def test_a_new_point_lies_where_the_fitted_projection_would_put_it(how):
    drawn = project(OLD, how, neighbours=60)
    prepared = preparation(OLD)
    fitted = FITTED[how]().fit(prepared.apply(OLD))
    theirs = fitted.transform(prepared.apply(NEW))
    signs = np.sign((fitted.transform(prepared.apply(OLD)) * drawn.coords).sum(0))  # an axis has no direction
    ours = place(how, OLD, drawn.coords, NEW, Options(neighbours=60))
    assert np.abs(ours - theirs * signs).max() < 1e-3 * np.ptp(drawn.coords)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("how", PROJECTIONS)
def test_an_old_point_is_placed_where_it_lies_and_a_new_one_among_its_class(how, dims):
    drawn = project(OLD, how, seed=1, dims=dims)
    again = place(how, OLD, drawn.coords, OLD[:9], Options(1, dims=dims))
    extent = np.ptp(drawn.coords, axis=0).max()
    assert np.abs(again - drawn.coords[:9]).max() < (0.15 if PROJECTIONS[how].films else 0.01) * extent
    placed = place(how, OLD, drawn.coords, NEW, Options(1, dims=dims))
    assert placed.shape == (30, dims) and placed.dtype == np.float32
    assert np.array_equal(placed, place(how, OLD, drawn.coords, NEW, Options(1, dims=dims))), "the same each time"
    middles = np.stack([drawn.coords[k::3].mean(0) for k in range(3)])
    assert (((placed[:, None] - middles) ** 2).sum(2).argmin(1) == np.arange(30) % 3).mean() > 0.9


@pytest.mark.parametrize("how", FITTED)
def test_directions_are_placed_as_they_were_mapped(how):
    shifted = OLD + 5
    drawn = project(shifted, how, metric="cosine")
    again = place(how, shifted, drawn.coords, shifted[:9], Options(metric="cosine"))
    assert np.abs(again - drawn.coords[:9]).max() < 0.01 * np.ptp(drawn.coords)


@pytest.mark.parametrize(("new", "words"), [
    (np.ones((2, 5)), "the new points have 5 numbers and those of the map 6"),
    (np.full((2, 6), np.nan), "not finite"),
])  # fmt: skip
def test_what_has_no_place_is_refused(new, words):
    with pytest.raises(Refused, match=words):
        place("pca", OLD, project(OLD, "pca").coords, new, Options())


def test_no_new_points_have_no_places():
    assert place("umap", OLD, np.zeros((120, 2)), np.empty((0, 6)), Options()).shape == (0, 2)
