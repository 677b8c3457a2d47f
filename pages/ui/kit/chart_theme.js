// A figure in the colours of the theme: the server sends place-holders, the browser knows whether it is light or dark.
import { unpacked } from "./chart_values.js";

function mixed(one, other, share) {
  const [a, b] = [one, other].map((colour) => (colour.match(/[0-9a-f]{2}/gi) ?? []).slice(0, 3).map((part) => parseInt(part, 16)));
  return "#" + a.map((value, i) => Math.round(value * share + b[i] * (1 - share)).toString(16).padStart(2, "0")).join("");
}

// What the theme in .streamlit/config.toml says, read from the variables that Streamlit gives to components.
export function themed(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const categories = read("chart-categorical-colors").split(",").map((colour) => colour.trim());
  const [text, back] = [read("text-color"), read("background-color")];
  const scale = +getComputedStyle(document.documentElement).getPropertyValue("--unfold-scale") || 1; // presenter mode
  return {
    name: [text, back, categories[0], read("base-font-size"), scale].join(), scale,
    text, back, categories, font: read("font"), primary: read("primary-color"), raised: read("secondary-background-color"),
    faint: mixed(text, back, 0.7), line: mixed(text, back, 0.3), grid: mixed(text, back, 0.12),
  };
}

// figures.py names these numbers.
const place = (theme) => ({
  ...Object.fromEntries(theme.categories.map((colour, i) => [i + 1, colour])),
  36: theme.text, 39: theme.faint, 40: theme.primary, 41: theme.grid, 42: theme.back, 43: theme.line,
});

// Lengths in pixels as presenter mode enlarges them.
const times = (scale, length) => (Array.isArray(length) ? length.map((each) => each * scale) : length * scale);
const enlarged = (scale, lengths) =>
  Object.fromEntries(Object.entries(lengths ?? {}).map(([name, length]) => [name, times(scale, length)]));

function template(theme) {
  const [large, small] = [13 * theme.scale, 12 * theme.scale];
  const axis = {
    gridcolor: theme.grid, zerolinecolor: theme.grid, linecolor: theme.line, tickcolor: theme.line, automargin: true,
    tickfont: { color: theme.faint, size: small }, title: { font: { color: theme.faint, size: large }, standoff: 8 * theme.scale },
  };
  const box = { ...axis, backgroundcolor: "rgba(0,0,0,0)", showspikes: false };
  return {
    layout: {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", colorway: theme.categories,
      font: { family: theme.font, color: theme.text, size: large }, xaxis: axis, yaxis: axis,
      scene: { xaxis: box, yaxis: box, zaxis: box, bgcolor: "rgba(0,0,0,0)" },
      hoverlabel: { bgcolor: theme.raised, bordercolor: theme.line, font: { color: theme.text, family: theme.font, size: large }, align: "left" },
      legend: { font: { color: theme.text, size: large } }, annotationdefaults: { font: { color: theme.text, size: small } },
      newselection: { line: { color: theme.text, width: 1.5, dash: "dot" } }, activeselection: { fillcolor: theme.primary, opacity: 0.1 },
      bargap: 0.2,
    },
  };
}

// What a figure says in pixels: points and lines, margins, and by how much the names at the ends of lines are moved.
function enlarge(data, layout, scale) {
  for (const { marker, line } of data) {
    if (marker?.size !== undefined) marker.size = times(scale, marker.size);
    if (line?.width !== undefined) line.width = times(scale, line.width);
  }
  layout.margin = enlarged(scale, layout.margin);
  layout.annotations = layout.annotations?.map((note) => ({
    ...note, ...enlarged(scale, { xshift: note.xshift ?? 0, yshift: note.yshift ?? 0 }),
  }));
}

// The figure as Plotly takes it. Where the chart is narrow, a legend above says what names at the ends of lines did.
export function placed(text, theme, narrow, data) {
  const colours = place(theme);
  const figure = JSON.parse(text.replace(/#0000(\d\d)\b/g, (all, number) => colours[+number] ?? all));
  const layout = { autosize: true, ...figure.layout, template: template(theme), height: data.height * theme.scale };
  delete layout.width;
  figure.data.forEach(unpacked);
  if (theme.scale !== 1) enlarge(figure.data, layout, theme.scale);
  if (narrow && layout.meta?.ends) {
    const inside = { xanchor: "right", yanchor: "bottom", xshift: 0 }; // two that are near stay a line apart
    layout.annotations = layout.annotations
      .filter((note) => note.name !== "end")
      .map((note) => (note.name === "level end" ? { ...note, ...inside } : note));
    Object.assign(layout, { showlegend: figure.data.length > 1, margin: { ...layout.margin, r: 8 } });
  }
  return { ...figure, layout };
}
