"""How long a map will take."""

import pytest

from explorer.evaluation import map_cost
from explorer.evaluation.map_cost import Measured
from explorer.evaluation.projections import PROJECTIONS


def test_every_projection_has_been_measured():
    assert set(map_cost.COST) >= set(PROJECTIONS)


@pytest.mark.parametrize("how", PROJECTIONS)
def test_more_points_take_longer(how):
    assert map_cost.seconds(how, 10_000) > map_cost.seconds(how, 1000) > 0


def test_a_machine_that_took_twice_as_long_is_expected_to_do_so_again():
    plain = map_cost.seconds("tsne", 1000)
    assert map_cost.seconds("tsne", 1000, [Measured("tsne", 1000, 2 * plain)] * 3) == pytest.approx(2 * plain)
    assert map_cost.seconds("lle", 500, [Measured("tsne", 1000, 2 * plain)]) == pytest.approx(
        2 * map_cost.seconds("lle", 500)
    )


def test_maps_of_the_same_kind_tell_most_and_one_slow_one_does_not_decide():
    others = [Measured("pca", 1000, 100.0)] * 9
    own = [Measured("tsne", 1000, t) for t in (4.0, 4.0, 4.0, 400.0)]
    assert map_cost.seconds("tsne", 1000, [*others, *own]) == pytest.approx(4.0)


def test_only_the_first_umap_of_a_machine_waits_for_its_compilation():
    first, next_one = map_cost.seconds("umap", 1000), map_cost.seconds("umap", 1000, [Measured("umap", 1000, 2.3)])
    assert first > map_cost.COMPILATION > next_one
