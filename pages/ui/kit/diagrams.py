"""Diagrams of how a method works, as text. `diagram_svg` draws them in the colours of the theme, filled with images.

    ~<image> | <view_1> | [f=encoder f] | (z1=z)
             | <view_2> | [t=target f : no gradient] | /(z2=z′)
    f ..> t moving average
    z1 <+> z2

A line is a lane, read from left to right; a cell is `<view>` (an image), `<?prediction>` (an image that the network
makes), `[network]`, `(vector)`, `{store}` of vectors, or a question in words. `name=label` gives a cell a name, and
`: note` a line below it. An arrow leads from each cell to the next of its lane. `~` stands between the lanes and takes
part in all of them, `!` has no arrow into it, `/` an arrow that carries no gradient. Relations of two cells stand below
the lanes: `<+>` attract, `<x>` repel, `<->` are compared, `..>` weights are averaged into, `->` one more arrow.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from statistics import mean
from typing import NamedTuple

RELATION = re.compile(r"(\w+) (<\+>|<x>|<->|\.\.>|->) (\w+)(?: (.+))?")
CELL = re.compile(
    r"(?P<marks>[~!/]*)(?P<open><\?|[<\[({]?)(?:(?P<name>\w+)=)?(?P<label>.+?)(?: : (?P<note>.+?))?[>\])}]?"
)
KINDS = {"<": "picture", "<?": "output", "[": "network", "(": "vector", "{": "store", "": "question"}
HOW = {"<+>": "attract", "<x>": "repel", "<->": "compare", "..>": "copy", "->": "flow"}
VERBS = {"flow": "to", "stopped": "without gradient to", "copy": "averaged into"}


class Cell(NamedTuple):
    """One thing in a diagram, and where it stands: its place in the flow, and its lane."""

    name: str
    kind: str
    label: str
    note: str
    marks: str
    step: int
    lane: float


class Relation(NamedTuple):
    """What is between two cells; its kind is one of HOW, or `stopped`: a flow without gradient."""

    start: str
    end: str
    kind: str
    label: str = ""


class Diagram(NamedTuple):
    """Cells by name, and the relations between them."""

    cells: dict[str, Cell]
    relations: tuple[Relation, ...]

    @property
    def views(self) -> list[str]:
        """The names of the images that it shows."""
        return [cell.name for cell in self.cells.values() if cell.kind == "picture"]


@lru_cache(maxsize=256)
def parse(text: str) -> Diagram:
    """A diagram out of its text; `ValueError` where a name is no cell's, or two cells'."""
    lines = [line.strip() for line in text.strip().splitlines()]
    lanes = [line for line in lines if not RELATION.fullmatch(line)]
    rows = [list(_cells(line, lane)) for lane, line in enumerate(lanes)]
    middle = mean(lane for lane, row in enumerate(rows) if any("!" not in cell.marks for cell in row))
    rows = [[cell._replace(lane=middle) if "~" in cell.marks else cell for cell in row] for row in rows]
    cells = {cell.name: cell for row in rows for cell in row}
    if len(cells) < sum(map(len, rows)):
        raise ValueError("two cells of this diagram have one name: give one of them another, name=label")
    shared = [cell for cell in cells.values() if "~" in cell.marks]
    flows = dict.fromkeys(flow for row in rows for flow in _flows(row, shared))  # each once
    relations = [_relation(*match.groups()) for match in map(RELATION.fullmatch, lines) if match]
    if unknown := {name for each in relations for name in each[:2]} - cells.keys():
        raise ValueError(f"no cell {sorted(unknown)} in this diagram: choose from {sorted(cells)}")
    return Diagram(cells, (*flows, *relations))


def _cells(line: str, lane: int) -> Iterator[Cell]:
    for step, text in enumerate(part.strip() for part in line.split("|")):
        if text:
            part = CELL.fullmatch(text)
            kind, label, marks = KINDS[part["open"]], part["label"], part["marks"]
            name = part["name"] or (label if label.isidentifier() else f"{label} {lane} {step}")
            yield Cell(name, kind, label.replace("_", " "), part["note"] or "", marks, step, lane)


def _flows(row: list[Cell], shared: list[Cell]) -> Iterator[Relation]:
    """The arrows along one lane, in which the shared cells have a part."""
    lane = sorted({*row, *shared}, key=lambda cell: cell.step)
    for one, other in pairwise(lane):
        if "!" not in other.marks:
            yield Relation(one.name, other.name, "stopped" if "/" in other.marks else "flow")


def _relation(start: str, how: str, end: str, label: str | None) -> Relation:
    kind = HOW[how]
    return Relation(start, end, kind, label or (kind if kind in ("attract", "repel") else ""))


def words(diagram: Diagram) -> str:
    """The same for those who cannot see it: what leads where, then what is compared."""
    label = {name: cell.label for name, cell in diagram.cells.items()}
    said = (
        f"{label[start]} {VERBS[kind]} {label[end]}" if kind in VERBS else f"{label[start]} and {label[end]}: {text}"
        for start, end, kind, text in diagram.relations
    )
    return "; ".join(dict.fromkeys(said))
