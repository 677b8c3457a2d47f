"""The table of all comparisons of speed, from their rows alone: of several of one kind the last."""

from statistics import median

from explorer.benchmarks.report import grid
from explorer.benchmarks.speed.comparison import COMPARISONS, SIDES, Row
from explorer.benchmarks.speed.pairs import rate, ratio

PREFACE = (
    "Made from the rows in `speed.jsonl`, which `make bench` adds to. Ours and the peer run in turn, each in a process "
    "of its own with one thread, after a warm-up that is not counted. Rates are per core-second of the process and its "
    "children, or of the clock where it says so, as medians over the n pairs; the ratio is ours over the peer's, with "
    "the lowest and the highest pair. *Load* is the load average of the machine before each pair: its lowest to its "
    "highest. A ratio below its goal is marked."
)
TITLES = ["work", "peer", "n", "ours", "peer's", "ratio", "goal", "besides", "load", "date"]


def chapter(rows: list[Row]) -> str:
    """The tables, one for each machine and set of versions; empty where nothing was measured."""
    machines = list(dict.fromkeys(map(machine, rows)))
    parts = []
    for name in machines:
        last = {(row["comparison"], row["size"]): row for row in rows if machine(row) == name}
        order = sorted(last, key=lambda key: (list(COMPARISONS).index(key[0]), key[1]))
        parts += [f"{name}.", grid(TITLES, [line(last[key]) for key in order])]
    return "\n\n".join(["## Speed", PREFACE, *parts]) if parts else ""


def machine(row: Row) -> str:
    """On what it was measured."""
    return f"{row['hardware']}; torch {row['torch']}, Python {row['python']}"


def line(row: Row) -> list[str]:
    """One comparison in the table."""
    pairs, by = row["pairs"], row.get("by", "core_seconds")
    middle, low, high = ratio(pairs, by)
    ours, peer = (f"{number(median(rate(pair[side], by) for pair in pairs))} {row['unit']}/s" for side in SIDES)
    times = f"{middle:.2f} ({low:.2f} to {high:.2f}){' **below**' if middle < row['goal'] else ''}"
    loads = [pair["load"] for pair in pairs]
    spread = f"{min(loads):.1f} to {max(loads):.1f}"
    work = f"{row['title']}; {number(pairs[0]['peer']['n'])} {row['unit']}{of(pairs[0]['peer'])}"
    return [work, against(row), str(len(pairs)), ours, peer, times, f"{row['goal']:g}", besides(row), spread, date(row)]


def against(row: Row) -> str:
    """The peer with its versions, and in which seconds both are measured."""
    versions = ", ".join(f"{name} {version}" for name, version in row["pairs"][0]["peer"]["versions"].items())
    clock = "; by the clock" if row.get("by") == "seconds" else ""
    return f"{row['peer']}{f' ({versions})' if versions else ''}{clock}"


def besides(row: Row) -> str:
    """What speed could have been bought with, ours and the peer's."""
    checks = [[pair[side].get("checks", {}) for pair in row["pairs"]] for side in SIDES]
    names = dict.fromkeys(name for side in checks for values in side for name in values)
    parts = []
    for name in names:
        values = [median(found) for side in checks if (found := [each[name] for each in side if name in each])]
        parts.append(f"{name} {' against '.join(f'{value:.4g}' for value in values)}")
    return "; ".join(parts)


def of(side: Row) -> str:
    """The data, where it says what it is."""
    return f" of {side['data']}" if "data" in side else ""


def date(row: Row) -> str:
    """The day."""
    return row["date"].partition("T")[0]


def number(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
