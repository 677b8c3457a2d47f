"""k-means: scikit-learn's centres, and the triangle code of the paper."""

import numpy as np
import pytest

from explorer.core import generator, unit
from explorer.nn import flat_sample
from tests.methods.coding_cases import learned, made


def test_the_centres_are_scikit_learns(digits):
    from sklearn.cluster import MiniBatchKMeans

    method, steps = learned("kmeans", {"centres": 12}, digits, seed=5)
    x, seed = flat_sample(digits, generator(5, "solve"))
    theirs = MiniBatchKMeans(12, n_init=3, random_state=seed).fit(x)
    np.testing.assert_allclose(method.centres.numpy(), theirs.cluster_centers_, rtol=1e-5, atol=1e-6)
    images = unit(digits.x)
    assert (method.embed(images).argmax(1).numpy() == theirs.predict(images.flatten(1).numpy())).mean() > 0.99
    near = theirs.transform(images.flatten(1).numpy()).min(1)
    assert method.loss(images)["loss"].item() == pytest.approx((near**2).mean() / 64, rel=1e-4)
    assert len(steps) == 1


def test_the_triangle_code_is_that_of_the_paper(digits):
    method, _ = made("kmeans", {"centres": 5}, digits)
    x = unit(digits.x[:4])
    for image, code in zip(x.flatten(1).numpy(), method.embed(x).numpy(), strict=True):
        z = [np.linalg.norm(image - centre) for centre in method.centres.numpy()]
        assert code == pytest.approx([max(0, np.mean(z) - one) for one in z], abs=1e-5)
