"""What the command line says of a comparison: tables of similarity, neighbourhood change and agreement."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from explorer.evaluation.probes import PROBES
from explorer.evaluation.statistics import signed_points

TITLES = {
    "cka": "CKA", "debiased_cka": "CKA, debiased", "mutual_neighbours": "mutual neighbours",
    "neighbour_change": "neighbourhood change",
}  # fmt: skip
SHOWN = 10  # images that changed most


def lines(scores: Mapping[str, Any], k: int) -> list[str]:
    """All tables, one after the other."""
    if not scores:
        return []
    head = (
        f"{scores['n']:,} images ({', '.join(scores['splits'])}), {k} nearest neighbours, {scores['labels']:,} labels"
    )
    parts = [[head], _models(scores)]
    parts += [[*_similarity(pair), *_agreement(pair), *_change(pair)] for pair in scores["pairs"]]
    parts += [[f"note: {text}" for text in scores["notes"]]]
    return [line for part in parts if part for line in (*part, "")][:-1]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) if at == 0 else cell.rjust(width)
                      for at, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
            for row in rows]  # fmt: skip


def _models(scores: Mapping[str, Any]) -> list[str]:
    """A row for each model: its width, and its accuracies with their intervals."""
    named = list(scores["models"][0]["probes"])
    rows = [["model", "features", *(PROBES[probe].title if probe in PROBES else probe for probe in named)]]
    for each in scores["models"]:
        cells = (each["probes"][probe] for probe in named)
        accuracy = (f"{it['accuracy']:.3f} ({it['low']:.3f} to {it['high']:.3f})" for it in cells)
        rows.append([each["model"], f"{each['dim']:,}", *accuracy])
    return table(rows)


def _similarity(pair: Mapping[str, Any]) -> list[str]:
    """Each measure beside its level of chance, and the same before training."""
    rows = [
        [f"{pair['first']} and {pair['second']}", "value", "by chance", "beyond chance", "p", "untrained", "beyond"]
    ]
    before = pair["untrained"] or {}
    for name, it in {**pair["similarity"], "neighbour_change": pair["change"]}.items():
        chance, untrained = f"{it['level']:.3f} ({it['low']:.3f} to {it['high']:.3f})", before.get(name)
        more = [f"{untrained['value']:.3f}", f"{untrained['above']:.3f}"] if untrained else ["-", "-"]
        rows.append(
            [
                f"  {TITLES[name]}",
                f"{it['value']:.3f}",
                chance,
                f"{it['above']:.3f}",
                sign(it["p"]).removeprefix("= "),
                *more,
            ]
        )
    return table(rows)


def sign(p: float) -> str:
    """A p in words: = 0.032, or < 0.001."""
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"


def _agreement(pair: Mapping[str, Any]) -> Iterator[str]:
    """Who is right where, by each probe, and the verdict."""
    for probe, it in pair["agreement"].items():
        n, title = it["n"], PROBES[probe].title if probe in PROBES else probe
        grid = f"both right {n['both']:,}, {pair['first']} alone {n['first']:,}, {pair['second']} alone {n['second']:,}"
        verdict = f"{it['better']} is better" if it["better"] else "no difference"
        difference = signed_points(it["difference"], it["low"], it["high"])
        yield f"  {title}: {grid}, none {n['none']:,}; difference {difference}: {verdict} (p {sign(it['p'])})"


def _change(pair: Mapping[str, Any]) -> list[str]:
    """Classes by the change of their neighbourhoods, and the images that changed most."""
    rows = [["  class", "n", "neighbours changed", "moved"]]
    rows += [[f"  {it['class']}", f"{it['n']:,}", f"{it['neighbours']:.3f}", f"{it['moved']:.3f}"]
             for it in pair["by_class"]]  # fmt: skip
    shown = pair["most_changed"][:SHOWN]
    most = ", ".join(f"{it['split']} {it['row']} ({it['class']}, {it['neighbours']:.2f})" for it in shown)
    return [*table(rows), f"  changed most: {most}"]
