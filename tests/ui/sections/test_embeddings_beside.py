"""Maps beside each other that were drawn differently: of other points, by an earlier version, not to their end."""

import csv
import io

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, engine, runs
from explorer.tasks import request
from pages.ui.sections import embeddings_colour, embeddings_files, embeddings_point
from tests.ui import charts
from tests.ui.sections.test_embeddings import drawn, maps_page


def test_maps_of_different_points_are_joined_by_their_images():
    digits, here = data.load("digits"), drawn(40, 10)
    other = here._replace(rows=here.rows[::-1] + 2, coords=here.coords[::-1])  # one image is on the other map alone
    rows = list(csv.DictReader(io.StringIO(embeddings_files.table({"pca": here, "tsne": other}, digits))))
    assert [int(row["row"]) for row in rows] == [*here.rows.tolist(), 80]
    assert (rows[0]["tsne_x"], rows[-1]["pca_x"]) == ("", ""), "an image that is not on a map has no place there"
    assert float(rows[1]["tsne_x"]) == pytest.approx(here.coords[0, 0], rel=1e-4)
    maps = {"pca": here, "tsne": other}
    assert embeddings_point.chosen(maps, 80) == 80, "a click on any map counts"


def test_a_colour_that_one_map_knows_is_offered_and_leaves_the_others_grey():
    digits, plain = data.load("digits"), drawn(40, 10)
    measured = {"measured": np.arange(0, 40, 2), "false": np.ones((20, 3), bool), "missing": np.zeros((20, 3), bool)}
    full = plain._replace(more={**measured, "cluster": np.arange(40) % 3})
    offered = embeddings_colour.offered([plain, full], digits)
    assert {"false", "missing", "cluster"} <= set(offered) and "cluster" not in embeddings_colour.offered(
        [plain], digits
    )
    for name in offered:
        assert len(embeddings_colour.of(name, plain, digits).values) == 40
    assert np.isnan(embeddings_colour.of("false", plain, digits).values).all()
    assert embeddings_colour.of("cluster", plain, digits).palette() == (embeddings_colour.GREY,)
    assert embeddings_colour.best_known("false", [plain, full], digits) is full, "whose legend stands above the maps"


def test_a_map_that_was_stopped_shows_how_far_it_had_come_and_can_be_computed_to_the_end(monkeypatch):
    asked, y = [], data.load("digits").splits["validation"].y[:40]
    monkeypatch.setattr(engine, "submit", lambda spec, **_: (asked.append(spec), runs.create(spec))[1])
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    run = runs.create(request.request("map", "pca", "digits", how="tsne", seed=3))
    made = drawn(40)._replace(rows=np.arange(40), y=y)
    stored = {name: getattr(made, name) for name in ("coords", "rows", "y", "neighbours", "seconds")}
    run.write_result(**stored, trustworthiness=0.8, stopped=200)
    run.update(state="stopped")
    at = AppTest.from_function(maps_page).run(timeout=60)
    assert not at.exception and list(charts.figures(at)) == ["map-tsne-digits"]
    assert any("This computation was stopped" in it.value for it in at.caption) and not asked
    at.button(f"again-{run.id}").click().run()
    assert not at.exception and len(asked) == 1 and not charts.figures(at), "what it had drawn is not the map"
