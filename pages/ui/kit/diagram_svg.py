"""Draws a diagram as SVG: from left to right, from top to bottom for a phone, or small and without words for a card."""

import textwrap
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

import streamlit as st

from pages.ui.kit.diagrams import Cell, Diagram, Relation, words
from pages.ui.kit.plain_text import markup

LETTER, LINE, WRAP = 7, 16, 15  # pixels of a letter and of a line of text at 14 px, letters in a line
HEAD = 6  # pixels of an arrow's head
FULL = {"picture": (64, 64), "output": (64, 64), "network": (104, 48), "vector": (16, 64), "store": (64, 64)}
CARD = {"picture": (40, 40), "output": (40, 40), "network": (24, 32), "vector": (8, 32), "store": (24, 32)}
QUESTION = {False: (112, 48), True: (24, 24)}
AROUND = ("attract", "repel", "compare", "copy")

Point = tuple[float, float]


class Box(NamedTuple):
    """Where a cell is drawn: its centre, its size, and how far its words reach below it."""

    x: float
    y: float
    w: float
    h: float
    below: float
    cell: Cell

    def side(self, dx: int, dy: int) -> Point:
        """The middle of one of its four sides; its words belong to it."""
        return self.x + dx * self.w / 2, self.y + dy * self.h / 2 + (self.below if dy > 0 else 0)


def figure(diagram: Diagram, images: Mapping[str, str], title: str) -> None:
    """The diagram on the page, as large as it is or as its place allows; from top to bottom where that is narrow.

    `images` are addresses (data URLs) by the name of the view; one that is missing leaves a frame.
    """
    alt = f"Diagram of {title}: {words(diagram)}"
    drawn = (svg(diagram, images, alt, down=down) for down in (False, True))
    _show(f'<figure class="unfold-diagram">{"".join(drawn)}</figure>')


def card(diagram: Diagram, images: Mapping[str, str], title: str) -> None:
    """The diagram as a small picture without words."""
    drawn = svg(diagram, images, f"Diagram of {title}", card=True)
    _show(f'<div class="unfold-diagram unfold-card">{drawn}</div>')


def _show(drawn: str) -> None:
    """As Markdown, since `st.html` takes SVG away; all words in it are escaped."""
    st.markdown(drawn, unsafe_allow_html=True)


def svg(diagram: Diagram, images: Mapping[str, str], alt: str, *, down: bool = False, card: bool = False) -> str:
    """The drawing: a picture with an alternative text, in the colours of the page around it."""
    boxes, pen = layout(diagram, down, card), Pen(down, card)
    for box in boxes.values():
        _cell(pen, box, images.get(box.cell.name, ""))
    for each in sorted(diagram.relations, key=lambda each: each.kind in AROUND):  # what goes round all is drawn last
        one, other = boxes[each.start], boxes[each.end]
        if each.kind not in AROUND:
            _flow(pen, one, other, each.kind == "stopped")
        elif not (card and each.kind in ("copy", "compare")):
            _between(pen, one, other, each)
    return pen.drawing("card" if card else "down" if down else "across", alt)


# ------------------------------------------------------------------------------------------------ where things stand


def layout(diagram: Diagram, down: bool = False, card: bool = False) -> dict[str, Box]:
    """A place for every cell: steps one after another, lanes beside one another."""
    cells = list(diagram.cells.values())
    sizes = {cell.name: _size(cell, card) for cell in cells}
    steps = _steps([(cell.step, sizes[cell.name][3 if down else 2]) for cell in cells], gap=12 if card else 28)
    beside = any(diagram.cells[one].step == diagram.cells[other].step for one, other, *_ in diagram.relations)
    pitch = max(sizes[cell.name][2 if down else 3] for cell in cells) + (14 if card else 32 if beside else 16)
    boxes, middle = {}, max(sizes[cell.name][1] for cell in cells) / 2
    for cell in cells:
        w, h, _, tall = sizes[cell.name]
        start, extent = steps[cell.step]
        across = cell.lane * pitch
        x, y = (across, start + h / 2) if down else (start + extent / 2, across + middle)
        boxes[cell.name] = Box(x, y, w, h, tall - h, cell)
    return boxes


def _size(cell: Cell, card: bool) -> tuple[float, float, float, float]:
    """Width and height of a cell, then the same with its words."""
    w, h = QUESTION[card] if cell.kind == "question" else (CARD if card else FULL)[cell.kind]
    if card or not (said := lines(cell)):
        return w, h, w, h
    return w, h, max(w, LETTER * max(map(len, said))), h + 4 + LINE * len(said)


def lines(cell: Cell) -> list[str]:
    """The words below a cell: what is not written inside of it."""
    label = [] if cell.kind in ("network", "question") else textwrap.wrap(cell.label, WRAP)
    return [*label, *textwrap.wrap(cell.note, WRAP)]


def _steps(extents: list[tuple[int, float]], gap: float) -> dict[int, Point]:
    """Where each step of the flow begins, and how long it is."""
    longest = {step: max(it for at, it in extents if at == step) for step, _ in sorted(extents)}
    starts = accumulate((extent + gap for extent in longest.values()), initial=0)
    return {step: (start, extent) for (step, extent), start in zip(longest.items(), starts, strict=False)}


# --------------------------------------------------------------------------------------------------- how they are drawn


class Pen:
    """Collects the parts of a drawing and how far they reach."""

    def __init__(self, down: bool, card: bool) -> None:
        self.down, self.card, self.parts = down, card, []
        self.left = self.top = self.right = self.bottom = 0.0

    def reach(self, *points: Point) -> None:
        """The drawing reaches as far as these points."""
        for x, y in points:
            self.left, self.right = min(self.left, x), max(self.right, x)
            self.top, self.bottom = min(self.top, y), max(self.bottom, y)

    def add(self, tag: str, kind: str, **attributes: object) -> None:
        """One element of SVG."""
        values = "".join(f' {key}="{_short(value)}"' for key, value in attributes.items())
        self.parts.append(f'<{tag} class="{kind}"{values}/>')

    def rect(self, kind: str, x: float, y: float, w: float, h: float) -> None:
        """A rectangle around its centre."""
        self.add("rect", kind, x=x - w / 2, y=y - h / 2, width=w, height=h, rx=min(4, w / 4))
        self.reach((x - w / 2, y - h / 2), (x + w / 2, y + h / 2))

    def line(self, kind: str, points: Iterable[Point], closed: bool = False) -> None:
        """Straight lines through points."""
        points = list(points)
        self.add(
            "path", kind, d="M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points) + ("Z" if closed else "")
        )
        self.reach(*points)

    def head(self, kind: str, x: float, y: float, dx: float, dy: float) -> None:
        """The head of an arrow whose point is at (x, y)."""
        back = x - HEAD * dx, y - HEAD * dy
        ends = ((back[0] - s * HEAD * 0.6 * dy, back[1] + s * HEAD * 0.6 * dx) for s in (1, -1))
        self.line(f"head {kind}", [(x, y), *ends], closed=True)

    def text(self, x: float, y: float, said: Iterable[str], anchor: str = "middle") -> None:
        """Lines of text, the first with its middle at `y`; a card has none."""
        for i, line in enumerate(said if not self.card else ()):
            at = y + i * LINE
            place = f'x="{_short(x)}" y="{_short(at + 5)}" text-anchor="{anchor}"'
            self.parts.append(f"<text {place}>{markup(line)}</text>")
            wide = LETTER * len(line)
            start = x - {"middle": wide / 2, "start": 0, "end": wide}[anchor]
            self.reach((start, at - 8), (start + wide, at + 8))

    def drawing(self, kind: str, alt: str) -> str:
        """All of it."""
        x, y, w, h = self.left - 3, self.top - 3, self.right - self.left + 6, self.bottom - self.top + 6
        size = f'viewBox="{x:.0f} {y:.0f} {w:.0f} {h:.0f}" style="--wide:{w / 16:.2f}rem"'
        return f'<svg class="{kind}" role="img" aria-label="{markup(alt)}" {size}>{"".join(self.parts)}</svg>'


def _short(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else markup(str(value))


def _cell(pen: Pen, box: Box, image: str) -> None:
    x, y, w, h, _, cell = box
    if cell.kind == "picture" and image:
        pen.add("image", "", href=image, x=x - w / 2, y=y - h / 2, width=w, height=h)
        pen.reach((x - w / 2, y - h / 2), (x + w / 2, y + h / 2))
    elif cell.kind in ("picture", "output"):
        pen.rect("frame", x, y, w, h)
    elif cell.kind == "network":
        _network(pen, box)
    elif cell.kind == "question":
        pen.rect("question", x, y, w, h)
        said = textwrap.wrap(cell.label, WRAP + 1)
        pen.text(x, y - LINE / 2 * (len(said) - 1), said)
        if pen.card:
            pen.parts.append(f'<text class="mark" x="{_short(x)}" y="{_short(y + 6)}" text-anchor="middle">?</text>')
    else:
        for at in (x,) if cell.kind == "vector" else (x - w / 3, x, x + w / 3):
            _vector(pen, at, y, (CARD if pen.card else FULL)["vector"][0], h)
    pen.text(x, y + h / 2 + 4 + LINE / 2, lines(cell))


def _network(pen: Pen, box: Box) -> None:
    """A box; what makes an image smaller narrows, a decoder widens."""
    x, y, w, h, _, cell = box
    narrow = h * 0.2 * (("encoder" in cell.label) - ("decoder" in cell.label))
    first, last = (h / 2 - max(-narrow, 0), h / 2 - max(narrow, 0)) if not pen.down else (h / 2, h / 2)
    kind = "network fixed" if "average" in cell.note or "momentum" in cell.note else "network"
    pen.line(kind, [(x - w / 2, y - first), (x + w / 2, y - last), (x + w / 2, y + last), (x - w / 2, y + first)], True)
    said = textwrap.wrap(cell.label, WRAP - 1)
    pen.text(x, y - LINE / 2 * (len(said) - 1), said)


def _vector(pen: Pen, x: float, y: float, w: float, h: float) -> None:
    for i in range(4):
        pen.rect(f"unit unit{i}", x, y + (i - 1.5) * h / 4, w, h / 4)


def _flow(pen: Pen, one: Box, other: Box, stopped: bool) -> None:
    """An arrow along the lanes, bent where it changes lane; two bars across it where no gradient flows back."""
    (x1, y1), (x2, y2) = (one.side(0, 1), other.side(0, -1)) if pen.down else (one.side(1, 0), other.side(-1, 0))
    gap = 2 if pen.card else 4
    if pen.down:
        y1, y2, mid = y1 + gap, y2 - gap, (y1 + y2) / 2
        bend = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {mid:.1f} {x2:.1f} {mid:.1f} {x2:.1f} {y2 - HEAD:.1f}"
    else:
        x1, x2, mid = x1 + gap, x2 - gap, (x1 + x2) / 2
        bend = f"M{x1:.1f} {y1:.1f}C{mid:.1f} {y1:.1f} {mid:.1f} {y2:.1f} {x2 - HEAD:.1f} {y2:.1f}"
    pen.add("path", "flow", d=bend)
    pen.head("flow", x2, y2, *((0, 1) if pen.down else (1, 0)))
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    for at in (-3, 3) if stopped else ():
        pen.line("stop", [(x - 6, y + at), (x + 6, y + at)] if pen.down else [(x + at, y - 6), (x + at, y + 6)])


def _between(pen: Pen, one: Box, other: Box, relation: Relation) -> None:
    """What two cells have to do with each other: a straight line between lanes, else one around all of them."""
    same = one.x == other.x if not pen.down else one.cell.step == other.cell.step
    if same:
        first, second = sorted((one, other), key=lambda box: box.cell.lane)
        start, end = (first.side(1, 0), second.side(-1, 0)) if pen.down else (first.side(0, 1), second.side(0, -1))
        dx, dy = (1, 0) if pen.down else (0, 1)
        path = [(start[0] + 3 * dx, start[1] + 3 * dy), (end[0] - 3 * dx, end[1] - 3 * dy)]
        forward = first is one
    else:
        path, (dx, dy), forward = _round(pen, one, other), (-1, 0) if pen.down else (0, -1), True
    pen.line(relation.kind, path)
    _heads(pen, relation.kind, path, dx, dy, same, forward)
    _said(pen, relation.label, path, same)


def _round(pen: Pen, one: Box, other: Box) -> list[Point]:
    """Three lines around all that is drawn so far: below it, or to the right of it."""
    if pen.down:
        (_, y1), (_, y2), x = one.side(1, 0), other.side(1, 0), pen.right + 12
        return [(one.side(1, 0)[0] + 3, y1), (x, y1), (x, y2), (other.side(1, 0)[0] + 3, y2)]
    (x1, top1), (x2, top2), y = one.side(0, 1), other.side(0, 1), pen.bottom + 12
    return [(x1, top1 + 3), (x1, y), (x2, y), (x2, top2 + 3)]


def _heads(pen: Pen, kind: str, path: list[Point], dx: float, dy: float, same: bool, forward: bool) -> None:
    """Two cells that attract each other have arrows towards the middle, others towards both; a copy has one."""
    start, end = path[0], path[-1]
    if kind == "attract" and same:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        pen.head(kind, x - dx, y - dy, dx, dy)
        pen.head(kind, x + dx, y + dy, -dx, -dy)
        return
    back = (-dx, -dy) if same else (dx, dy)
    if kind != "copy" or not forward:
        pen.head(kind, *start, *back)
    if kind != "copy" or forward:
        pen.head(kind, *end, dx, dy)


def _said(pen: Pen, label: str, path: list[Point], same: bool) -> None:
    """The name of a relation beside its line, or above it."""
    (x1, y1), (x2, y2) = path[len(path) // 2 - 1], path[len(path) // 2]
    x, y, said = (x1 + x2) / 2, (y1 + y2) / 2, textwrap.wrap(label, WRAP + 3)
    if pen.down == same:  # the line is level
        pen.text(x, y - 10 - LINE * (len(said) - 1) if same else y + 12, said)
    elif same:
        pen.text(x + 10, y - LINE / 2 * (len(said) - 1), said, "start")
    else:
        pen.text(x + 6, y - LINE / 2 * (len(said) - 1), said, "start") if pen.down else pen.text(x, y + 12, [label])
