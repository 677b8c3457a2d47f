"""Every method of the registry has a picture of how it works, and what it shows is what the training sees."""

from dataclasses import replace

import pytest

from explorer import Refused, data
from explorer.core import METHODS
from explorer.evaluation import views
from explorer.methods import METHODS as KNOWN
from pages.ui.kit import content, diagram_svg, diagrams, pictures
from pages.ui.sections import methods_diagrams, methods_pictures, train_form

DATA = ("digits", "shapes")


@pytest.mark.parametrize("method", KNOWN)
def test_every_method_has_a_diagram_of_its_own(method):
    assert method in methods_diagrams.DIAGRAMS
    assert methods_diagrams.of(method).cells


def test_no_diagram_is_left_of_a_method_that_is_gone():
    assert set(methods_diagrams.DIAGRAMS) <= set(KNOWN)


@pytest.mark.parametrize("source", DATA)
@pytest.mark.parametrize("method", KNOWN)
def test_a_diagram_shows_the_views_that_the_method_draws_and_no_others(method, source):
    dataset = data.load(source)
    rows, split = dataset.probe()[0][: methods_pictures.ROWS], dataset.splits["validation"]
    try:
        drawn = views.preview(method, {}, split.x[rows], 3, split.y[rows], train_form.spec(dataset))
    except Refused:
        assert methods_pictures.images(method, dataset).keys() == {"image"}
        return
    shown = methods_pictures.images(method, dataset)
    assert shown.keys() == {"image", *drawn}
    assert set(methods_diagrams.of(method).views) - {"image"} == set(drawn) - {"image"}
    for name, each in drawn.items():
        assert shown[name] == pictures.address(pictures.whole(each[:1])[0])


def test_a_picture_that_the_server_has_forgotten_is_there_again_at_the_next_run(monkeypatch):
    dataset = data.load("digits")
    before = methods_pictures.images("simclr", dataset)
    empty = content.Store()
    monkeypatch.setattr(content, "store", lambda: empty)
    assert methods_pictures.images("simclr", dataset) == before
    assert all(empty.get(address.rpartition("/")[2]) for address in before.values())


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("method", KNOWN)
def test_no_box_of_a_diagram_lies_on_another(method, down):
    boxes = list(diagram_svg.layout(methods_diagrams.of(method), down).values())
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            beside = abs(one.x - other.x) >= (one.w + other.w) / 2
            below = abs(one.y - other.y) >= (one.h + other.h) / 2
            assert beside or below, (one.cell.name, other.cell.name)


@pytest.mark.parametrize("method", KNOWN)
def test_a_diagram_fits_a_phone_from_top_to_bottom(method):
    drawn = diagram_svg.svg(methods_diagrams.of(method), {}, "", down=True)
    assert float(drawn.partition('viewBox="')[2].split()[2]) <= 390, "pixels, before it is made smaller"


@pytest.mark.parametrize("family", [*sorted({KNOWN[name].info.family for name in KNOWN}), "brand new"])
def test_a_new_method_has_the_diagram_of_its_family(family, monkeypatch):
    info = replace(KNOWN["rotation"].info, name="fresh", title="Fresh", family=family)
    monkeypatch.setitem(METHODS._items, "fresh", type("fresh", (KNOWN["rotation"],), {"info": info}))
    diagram = methods_diagrams.of("fresh")
    assert diagram == diagrams.parse(methods_diagrams.FAMILIES.get(family, methods_diagrams.OTHER))
    assert (family in methods_diagrams.FAMILIES) == (family != "brand new")
    filled = methods_pictures.filled(diagram, {"image": "data:a", "turned": "data:b"})
    if "view_1" in diagram.views:
        assert filled["view_1"] == "data:b", "a view of another name stands in the place of the first"


@pytest.mark.parametrize("method", KNOWN)
def test_a_diagram_has_words_for_those_who_cannot_see_it(method):
    said = diagrams.words(methods_diagrams.of(method))
    assert " to " in said and "_" not in said
