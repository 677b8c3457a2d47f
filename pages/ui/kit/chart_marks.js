// What the page marks on a map: rings around the chosen point and its neighbours, and points that stand out while the
// others are grey. It travels apart from the figure, which stays as it is when another point is chosen.
import { idOf } from "./chart_values.js";

const SPATIAL = "scatter3d";
const FAINT = 0.22; // opacity of a point that does not stand out
const PALE = 0.45; // of a point of the map among new ones

// The same figure with its marks; `marks` has ids: `chosen`, `near`, `only`, and `lit`, which is null where all are.
export function marked(figure, marks, theme) {
  if (!marks) return figure;
  const points = figure.data.filter((trace) => trace.customdata != null);
  const size = points[0]?.marker?.size ?? 6;
  const rings = [
    ring(points, [...(marks.chosen == null ? [] : [marks.chosen]), ...marks.near], "marked", "circle-open", theme.text, size + 5, 1.25, marks.chosen),
    ring(points, marks.only, "near on the map only", "square-open", theme.categories[5], size + 2, 1.25),
  ];
  const data = marks.lit ? figure.data.flatMap((trace) => dimmed(trace, new Set(marks.lit), theme)) : figure.data;
  const layers = (marks.layers ?? []).map((layer) => upon(layer, points[0], size, theme));
  const back = layers.length && !marks.lit ? data.map(paler) : data;
  return { ...figure, data: [...back, ...rings.filter(Boolean), ...layers] };
}

// Points that are new on the map: larger than the others, with an edge in the colour of the text.
function upon(layer, like, size, theme) {
  const spatial = like?.type === SPATIAL;
  const color = layer.categories.length ? layer.categories.map((i) => theme.categories[i % theme.categories.length]) : theme.text;
  const edge = layer.categories.length ? theme.text : theme.back;
  const marker = { symbol: layer.symbols.length ? layer.symbols : "circle", color, size: size + layer.size, opacity: 1, line: { color: edge, width: spatial ? 2 : 1.25 } };
  return {
    type: like?.type ?? "scatter", name: layer.name, mode: layer.line ? "lines+markers" : "markers", x: layer.x, y: layer.y, ...(spatial ? { z: layer.z } : {}),
    marker, line: { color: theme.text, width: spatial ? 4 : 2 }, hoverinfo: "none", showlegend: false, meta: { said: layer.said, images: layer.images },
  };
}

// The points of the map step back behind those that are new.
function paler(trace) {
  const opacity = trace.marker?.opacity;
  return trace.customdata == null || !(opacity > PALE) ? trace : { ...trace, marker: { ...trace.marker, opacity: PALE } };
}

function ring(points, ids, name, symbol, color, size, width, chosen) {
  const wanted = new Set(ids);
  const found = { x: [], y: [], z: [], customdata: [], of: [] };
  for (const trace of wanted.size ? points : []) {
    const [x, y, z, own, of] = [trace.x, trace.y, trace.z, trace.customdata, trace.meta?.of];
    for (const [i, value] of own.entries()) {
      if (!wanted.has(idOf(value))) continue;
      found.x.push(x[i]); found.y.push(y[i]); found.z.push(z?.[i]); found.customdata.push(idOf(value)); found.of.push(of?.[i]);
    }
  }
  if (!found.x.length) return null;
  const type = points[0].type; // what WebGL draws would lie above rings of another kind
  const own = (large, small) => found.customdata.map((id) => (id === chosen ? large : small));
  const line = { width: type === SPATIAL ? 2 : own(2.5, width), color };
  const trace = { type, name, mode: "markers", x: found.x, y: found.y, customdata: found.customdata, hoverinfo: "none", showlegend: false,
    marker: { symbol, color, size: own(size + (type === SPATIAL ? 12 : 6), size + (type === SPATIAL ? 4 : 0)), line, opacity: 1 } };
  if (type === SPATIAL) trace.z = found.z;
  if (found.of[0] !== undefined) trace.meta = { of: found.of };
  return trace;
}

// A trace whose other points are grey. On a plane Plotly can do that; in space it takes a trace of their own.
function dimmed(trace, lit, theme) {
  if (trace.customdata == null) return [trace];
  const ids = trace.customdata;
  const places = [...ids.keys()];
  const inside = places.filter((i) => lit.has(idOf(ids[i])));
  const grey = { color: theme.categories[7], opacity: FAINT };
  if (trace.type !== SPATIAL) {
    const own = trace.marker?.opacity < FAINT ? trace.unselected : { marker: grey }; // images stand in the place of points
    return [{ ...trace, selectedpoints: inside, unselected: own }];
  }
  const outside = places.filter((i) => !lit.has(idOf(ids[i])));
  return [part(trace, outside, grey), part(trace, inside, {})].filter((each) => each.x.length);
}

function part(trace, places, marker) {
  const take = (values) => values && places.map((i) => values[i]);
  const paint = Array.isArray(trace.marker.color) || ArrayBuffer.isView(trace.marker.color) ? { color: take(trace.marker.color) } : {};
  return {
    ...trace, x: take(trace.x), y: take(trace.y), z: take(trace.z), customdata: take(trace.customdata),
    marker: { ...trace.marker, ...paint, ...marker }, meta: trace.meta?.of ? { of: take(trace.meta.of) } : trace.meta,
  };
}
