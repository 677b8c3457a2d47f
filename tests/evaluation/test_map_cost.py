"""How long a map will take."""

import pytest

from explorer import Refused
from explorer.benchmarks.maps import report
from explorer.evaluation import map_cost
from explorer.evaluation.map_cost import Measured
from explorer.evaluation.projections import PROJECTIONS, check
from explorer.runs import metrics


def test_every_projection_has_been_measured():
    assert {how for how, dims in map_cost.COST if dims == 2} >= set(PROJECTIONS)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("how", PROJECTIONS)
def test_more_points_take_longer(how, dims):
    points = (3, 100, 499, 500, 501, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 100_000)
    took = [map_cost.seconds(how, n, dims=dims) for n in points]
    assert took == sorted(set(took)) and took[0] > 0


@pytest.mark.parametrize("how", PROJECTIONS)
def test_a_projection_whose_memory_grows_with_the_square_has_a_sentence_beyond_its_number_and_others_have_a_cost(how):
    projection = PROJECTIONS[how]
    check(how, projection.most)
    with pytest.raises(Refused, match=f"take at most {projection.most:,}") as refused:
        check(how, projection.most + 1)
    assert projection.squared == ("grows with the square" in str(refused.value))
    assert projection.squared == (how in ("kernel_pca", "lle", "isomap"))
    assert max(max(known) for (name, _), known in map_cost.COST.items() if name == how) <= projection.most


def test_the_costs_are_those_that_were_measured():
    rows = [row for row in metrics.read(report.PLACE) if row["kind"] == "whole"]
    took = {(row["how"], row["dims"], row["n"]): [] for row in rows}
    for row in rows:
        took[row["how"], row["dims"], row["n"]].append(row["core_seconds"])
    for (how, dims), known in map_cost.COST.items():
        for n, cost in known.items():
            assert cost in [pytest.approx(each, rel=0.06) for each in took[how, dims, n]], (how, dims, n)


def test_between_two_measured_numbers_of_points_a_power_of_n_leads_from_one_to_the_other(monkeypatch):
    monkeypatch.setitem(map_cost.COST, ("pca", 2), {100: 1.0, 1_000: 10.0, 2_000: 40.0})
    took = {n: map_cost.seconds("pca", n) - map_cost.START for n in (10, 100, 300, 1_000, 1_500, 2_000, 4_000)}
    expected = {10: 0.1, 100: 1, 300: 3, 1_000: 10, 1_500: 22.5, 2_000: 40, 4_000: 160}
    assert took == pytest.approx(expected)


def test_a_map_in_space_that_was_measured_has_a_cost_of_its_own_and_others_that_of_a_plane(monkeypatch):
    monkeypatch.setitem(map_cost.COST, ("tsne", 3), {500: 50.0, 2_000: 500.0})
    assert map_cost.seconds("tsne", 500, dims=3) == pytest.approx(50 + map_cost.START)
    assert map_cost.seconds("pca", 500, dims=3) == map_cost.seconds("pca", 500)
    slow = [Measured("tsne", 500, 2 * map_cost.seconds("tsne", 500, dims=3), 3)]
    assert map_cost.seconds("tsne", 500, slow) == pytest.approx(2 * map_cost.seconds("tsne", 500))


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
