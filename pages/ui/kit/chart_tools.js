// The tools of a chart: save it as a picture, see all of it again, draw a box or a lasso. Buttons that keys reach.

const DRAWINGS = {
  save: "M12 4v11m0 0-4-4m4 4 4-4M5 19h14",
  reset: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  select: "M4 4h3m3 0h4m3 0h3v3m0 3v4m0 3v3h-3m-3 0h-4m-3 0H4v-3m0-3v-4m0-3V4",
  lasso: "M12 5c5 0 8 2 8 5s-3 5-8 5-8-2-8-5 3-5 8-5m-5 9c-2 2-1 4 1 4s2 2 0 3",
};

function button(chart, name, words, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", title: words, onclick: act });
  made.className = name;
  made.setAttribute("aria-label", words);
  made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${DRAWINGS[name]}"/></svg>`;
  chart.tools.append(made);
  return made;
}

// Made once; afterwards only what is pressed changes, so that the focus stays where it is.
export function tools(chart) {
  const { data } = chart;
  const flat = chart.tools;
  if (flat.dataset.made !== String(data.select)) {
    flat.dataset.made = String(data.select);
    flat.replaceChildren();
    const of = data.title || data.alt.split(/[,.:]/)[0];
    if (data.select) {
      button(chart, "select", "Select a box: double click or Escape clears it", () => chart.drawn && chart.drag("select"));
      button(chart, "lasso", "Select with a lasso: double click or Escape clears it", () => chart.drawn && chart.drag("lasso"));
    }
    button(chart, "reset", `Reset the view: ${of}`, () => chart.drawn && chart.reset());
    button(chart, "save", `Download a picture (PNG): ${of}`, () => chart.drawn && save(chart));
  }
  for (const mode of ["select", "lasso"]) {
    flat.querySelector(`.${mode}`)?.setAttribute("aria-pressed", String(chart.tool === mode));
  }
}

// The picture carries what the page says around the chart: its title above, data and model below.
async function save(chart) {
  const { data, plot } = chart;
  const style = getComputedStyle(chart.root);
  const [back, text] = ["background-color", "text-color"].map((name) => style.getPropertyValue(`--st-${name}`).trim());
  const layout = structuredClone(JSON.parse(JSON.stringify(plot.layout)));
  const margin = plot._fullLayout._size;
  Object.assign(layout, {
    paper_bgcolor: back, plot_bgcolor: back, updatemenus: [], height: data.height + 76, width: plot._fullLayout.width,
    title: { text: data.title || data.alt, x: 0, xref: "container", pad: { l: 12 }, y: 1, yref: "container", yanchor: "top", font: { size: 17 } },
    margin: { ...layout.margin, t: margin.t + 44, b: margin.b + 32, l: margin.l + 8, r: margin.r + 8 },
  });
  layout.title.pad.t = 12;
  layout.annotations = [...(layout.annotations ?? []), {
    text: data.about, x: 0, xref: "paper", xanchor: "left", y: 0, yref: "paper", yanchor: "top", yshift: -margin.b - 8,
    showarrow: false, font: { size: 12, color: text },
  }];
  const picture = { data: plot.data, layout, config: { staticPlot: true } };
  const address = await window.Plotly.toImage(picture, { format: "png", width: layout.width, height: layout.height, scale: 2 });
  Object.assign(document.createElement("a"), { href: address, download: data.file }).click();
}
