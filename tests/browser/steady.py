"""What viewers of a live page see, look by look: the sampler that runs in each browser, and its summary."""

import json
from typing import Any, NamedTuple

# Looks every 120 ms: which charts stand, what is faded, where the blocks are. A mount is a new plot.
SAMPLER = """
(() => {
  const seen = { looks: 0, missing: {}, faded: 0, mounts: {}, tops: {}, white: 0, waited: {}, notes: [] };
  window.unfoldSeen = seen;
  const keyOf = (node) => node.closest?.('[class*="st-key-"]')?.className.match(/st-key-([^ ]+)/)?.[1];
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) {
      if (!node.classList) continue;
      const plots = node.classList.contains('plot-container') ? [node] : [...node.querySelectorAll('.plot-container')];
      for (const plot of plots) { const key = keyOf(plot); if (key) seen.mounts[key] = (seen.mounts[key] ?? 0) + 1; }
    }
  }).observe(document, { childList: true, subtree: true });
  const above = (place) => [...document.querySelectorAll('[data-testid=stElementContainer]')]
    .filter((it) => it.getBoundingClientRect().bottom <= place.getBoundingClientRect().top)
    .map((it) => [Math.round(it.getBoundingClientRect().top), it.innerText.slice(0, 60)]);
  const box = (key) => document.querySelector(`[class*="st-key-${key}"]`);
  setInterval(() => {
    const main = document.querySelector('[data-testid=stMain]');
    if (!main || !PROMISED.every((key) => seen.mounts && Object.keys(seen.mounts).some((it) => it.startsWith(key)))) {
      if (seen.looks && !main) seen.white += 1;
      return;
    }
    seen.looks += 1;
    for (const key of PROMISED) {
      const place = box(key);
      const plot = place?.querySelector('.js-plotly-plot');
      const full = plot && plot.querySelector('.main-svg')
        && ((plot._fullData ?? []).some((trace) => trace.x?.length) || plot.layout?.meta?.waiting);
      if (!full || plot.getBoundingClientRect().height < 60) {
        seen.missing[key] = (seen.missing[key] ?? 0) + 1;
        const drawn = plot && [plot.getBoundingClientRect().height, Boolean(plot.querySelector('.main-svg'))];
        const note = [seen.looks, key, Boolean(place), drawn, JSON.stringify(seen.mounts), main.innerText.slice(0, 99)];
        if (seen.notes.length < 8) seen.notes.push(note);
      }
      if (plot?.layout?.meta?.waiting) seen.waited[key] = (seen.waited[key] ?? 0) + 1;
      if (place) {
        const y = Math.round(place.getBoundingClientRect().top + main.scrollTop);
        const tops = (seen.tops[key] ??= {});
        if (!(y in tops) && seen.notes.length < 8) seen.notes.push([seen.looks, key, y, above(place)]);
        tops[y] = (tops[y] ?? 0) + 1;
      }
    }
    const inside = document.querySelector('.st-key-watched') ?? box('knn')?.closest('[data-testid=stColumn]') ?? main;
    if ([...inside.querySelectorAll('[data-testid=stElementContainer]')]
      .some((it) => getComputedStyle(it).opacity < 0.99)) {
      seen.faded += 1;
    }
  }, 120);
})();
"""
PROMISED = (
    "frame-map", "frame-projection", "knn", "loss", "health-Effective-rank", "health-Spread",
    "health-Alignment-and-uniformity",
)  # fmt: skip


class Seen(NamedTuple):
    """What one viewer saw."""

    looks: int
    missing: dict[str, int]  # by chart, looks without it
    faded: int  # looks with a faded element
    mounts: dict[str, int]  # by chart
    tops: dict[str, dict[str, int]]  # by chart, where it stood, and how often
    white: int  # looks at a page without anything
    waited: dict[str, int]  # by chart, looks at words instead of data
    notes: list[list[Any]]  # of the first looks without a chart, or with one in another place: what stood there


def sampler() -> str:
    """The script for `page.add_init_script`."""
    return SAMPLER.replace("PROMISED", json.dumps(PROMISED))


def seen(page: Any) -> Seen:
    """What the viewer of a page has seen so far."""
    return Seen(**page.evaluate("window.unfoldSeen"))
