"""Diagrams as text: cells, lanes and relations; and as SVG that stands in its frame and says what it shows."""

import re
from xml.etree import ElementTree

import pytest

from pages.ui.kit import diagram_svg, diagrams

TWO = """
    ~<image> | <view_1> | [f=encoder f : small] | (z1=z)
             | <view_2> | [encoder f]           | /(z2=z′)
             |          |                       | !{others=z of others}
    z1 <+> z2
    z2 <x> others
    f ..> z2 by chance
"""


def test_cells_have_a_kind_a_name_a_label_and_a_note():
    cells = diagrams.parse(TWO).cells
    assert [cells[name].kind for name in ("image", "view_1", "f", "z1", "others")] == [
        "picture", "picture", "network", "vector", "store",
    ]  # fmt: skip
    assert (cells["view_1"].label, cells["f"].label, cells["f"].note) == ("view 1", "encoder f", "small")
    assert cells["image"].lane == 0.5, "between the lanes that it leads to"
    assert [cells[name].step for name in ("image", "view_2", "z2", "others")] == [0, 1, 3, 3]


def test_an_arrow_leads_from_each_cell_to_the_next_and_none_to_one_that_stands_alone():
    flows = [each[:3] for each in diagrams.parse(TWO).relations if each.kind in ("flow", "stopped")]
    assert ("image", "view_1", "flow") in flows and ("image", "view_2", "flow") in flows
    assert ("f", "z1", "flow") in flows
    assert [flow[1] for flow in flows if flow[2] == "stopped"] == ["z2"]
    assert not [flow for flow in flows if "others" in flow]
    assert len(flows) == len(set(flows)) == 6


def test_relations_are_read():
    known = {(each.start, each.end): (each.kind, each.label) for each in diagrams.parse(TWO).relations}
    assert known["z1", "z2"] == ("attract", "attract")
    assert known["z2", "others"] == ("repel", "repel")
    assert known["f", "z2"] == ("copy", "by chance")


def test_a_shared_cell_takes_part_in_every_lane():
    flows = {each[:2] for each in diagrams.parse("<a> | ~[f] | [x]\n<b> | | [y]").relations}
    assert flows == {("a", "f"), ("b", "f"), ("f", "x"), ("f", "y")}


@pytest.mark.parametrize(
    ("text", "says"), [("<a> | (z)\na <+> q", r"no cell \['q'\]"), ("<a> | (z)\n<b> | (z)", "two cells")]
)
def test_a_diagram_that_is_wrong_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        diagrams.parse(text)


def test_its_words_tell_what_leads_where_and_what_is_compared():
    said = diagrams.words(diagrams.parse(TWO))
    assert "image to view 1; view 1 to encoder f" in said
    assert "encoder f without gradient to z′" in said
    assert said.endswith("z and z′: attract; z′ and z of others: repel; encoder f averaged into z′")


@pytest.mark.parametrize("how", [{}, {"down": True}, {"card": True}])
def test_the_drawing_is_xml_with_an_alternative_text_and_nothing_lies_outside_of_it(how):
    drawn = ElementTree.fromstring(diagram_svg.svg(diagrams.parse(TWO), {"image": "data:x"}, 'a "b" <c>', **how))
    assert (drawn.get("role"), drawn.get("aria-label")) == ("img", 'a "b" <c>')
    left, top, width, height = map(float, drawn.get("viewBox").split())
    for each in drawn.iter("rect"):
        x, y, w, h = (float(each.get(key)) for key in ("x", "y", "width", "height"))
        assert left <= x and x + w <= left + width and top <= y and y + h <= top + height
    for each in drawn.iter("path"):
        numbers = [float(it) for it in re.findall(r"-?\d+(?:\.\d+)?", each.get("d"))]
        assert left <= min(numbers[::2]) and max(numbers[::2]) <= left + width
        assert top <= min(numbers[1::2]) and max(numbers[1::2]) <= top + height


def test_boxes_do_not_lie_on_one_another():
    for down in (False, True):
        boxes = list(diagram_svg.layout(diagrams.parse(TWO), down).values())
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                apart = abs(one.x - other.x) >= (one.w + other.w) / 2 or abs(one.y - other.y) >= (one.h + other.h) / 2
                assert apart, (one.cell.name, other.cell.name)


def test_an_image_fills_its_place_and_a_missing_one_leaves_a_frame():
    drawn = diagram_svg.svg(diagrams.parse(TWO), {"view_1": "data:one"}, "")
    assert drawn.count("<image ") == 1 and 'href="data:one"' in drawn
    assert drawn.count('class="frame"') == 2


def test_a_card_has_no_words():
    assert "<text" not in diagram_svg.svg(diagrams.parse(TWO), {}, "", card=True)
    assert "<text" in diagram_svg.svg(diagrams.parse(TWO), {}, "")


def test_colours_are_those_of_the_page_around_it():
    assert not re.findall(r"#[0-9a-fA-F]{3,}|rgb\(|fill=|stroke=", diagram_svg.svg(diagrams.parse(TWO), {}, ""))
