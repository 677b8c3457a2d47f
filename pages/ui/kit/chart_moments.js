// What a moment of a run looks like besides its charts: pictures, a confusion matrix, numbers. They stand on the page in
// elements with `data-moment="RUN/PART"`, and a slider exchanges what is in them, for several runs at once.
const known = new Map(); // address: what was fetched, for all sliders of a page
const MOST = 400;

// The same rule as `Asked.nearest` of timeline.py.
export function nearest(steps, of, { step, share }) {
  const wanted = of && share != null ? share * of : step;
  return steps.reduce((best, each) => (Math.abs(each - wanted) <= Math.abs(best - wanted) ? each : best));
}

function load(address) {
  if (!known.has(address)) {
    const found = fetch(address).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    known.set(address, found);
    found.then((parts) => parts || known.delete(address)); // the next move tries again
    if (known.size > MOST) known.delete(known.keys().next().value);
  }
  return known.get(address);
}

// Whether there was anything to show; what is overtaken by a later move is dropped.
export async function exchange(runs, detail, current) {
  const shown = runs.map(async ({ id, steps, of, address }) => {
    if (!steps.length || !document.querySelector(`[data-moment^="${CSS.escape(id)}/"]`)) return false;
    const parts = await load(address.replace("{step}", nearest(steps, of, detail)));
    if (!parts || !current()) return Boolean(parts);
    for (const place of document.querySelectorAll(`[data-moment^="${CSS.escape(id)}/"]`)) {
      const html = parts[place.dataset.moment.slice(id.length + 1)];
      if (html != null && place.innerHTML !== html) place.innerHTML = html;
    }
    return true;
  });
  return (await Promise.all(shown)).some(Boolean);
}

// All moments are fetched one after the other as soon as somebody plays or takes hold of the slider: no more than are kept,
// and once for the same addresses.
const prefetched = new Set();

export async function prefetch(runs, wanted) {
  const each = Math.floor(MOST / Math.max(1, runs.length));
  const all = runs.flatMap(({ steps, address }) => steps.slice(0, each).map((step) => address.replace("{step}", step)));
  const set = all.join(" ");
  if (prefetched.has(set)) return;
  prefetched.add(set);
  for (const address of all) {
    if (!wanted() || !(await load(address))) return void prefetched.delete(set); // the next move tries again
  }
}
