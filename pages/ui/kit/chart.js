// One chart: a plot that is made once and patched, its title and tools, the card of a point, the frames of a film.
import { themed, placed } from "./chart_theme.js";
import { Points } from "./chart_points.js";
import { tools } from "./chart_tools.js";
import { Film } from "./chart_film.js";
import { Cursor } from "./chart_cursor.js";
import { style } from "./chart_style.js";
import { fetched } from "./chart_fetch.js";
import { marked } from "./chart_marks.js";
import { idOf } from "./chart_values.js";

const here = (name) => new URL(name, import.meta.url).href;

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: () => failed(new Error(`no answer: ${address}`)) });
    document.head.append(script);
  });
}

// Fetched once for all charts of a page.
const plotly = (window.unfoldPlotly ??= load(here("plotly.min.js")));

// Plotly's own tool bar stands in the way of legends and in the order of the Tab key: the tools are ours.
const CONFIG = { displayModeBar: false, scrollZoom: false, responsive: false, doubleClick: false, showTips: false };

class Chart {
  constructor(root) {
    this.root = root;
    root.innerHTML =
      "<figcaption><span class='title'></span><span class='step'></span><span class='tools'></span></figcaption>" +
      "<div class='place'><div class='plot'></div></div><p class='said' aria-live='polite'></p>";
    [this.title, this.step, this.tools, this.place, this.plot, this.said] = [
      ".title", ".step", ".tools", ".place", ".plot", ".said",
    ].map((name) => root.querySelector(name));
    this.selected = null;
    this.missing = new Set(); // addresses that the server had dropped
    this.points = new Points(this);
    this.film = new Film(this);
    this.cursor = new Cursor(this);
    new ResizeObserver(() => this.fit()).observe(this.place);
    this.place.addEventListener("click", (event) => this.placed(event));
    this.onResize = () => this.data && (this.size(), this.fit());
    addEventListener("resize", this.onResize); // presenter mode announces itself so
    this.onLive = () => this.data && this.draw();
    addEventListener("unfold-live", this.onLive); // a watch has found a newer figure
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.data = data;
    this.send = setStateValue;
    this.ask = setTriggerValue;
    this.root.setAttribute("aria-label", data.alt);
    this.title.textContent = data.title;
    this.root.classList.toggle("bare", !data.tools);
    this.root.classList.toggle("waiting", data.waiting);
    this.size();
    tools(this);
    this.film.update(data.film);
    this.cursor.update(data.cursor);
    this.points.update();
    if (this.cleared !== undefined && this.cleared !== data.cleared) this.clear();
    this.cleared = data.cleared;
    this.draw();
  }

  size() {
    this.place.style.height = `${this.data.height * themed(this.root).scale}px`;
  }

  // The newest figure is always drawn in the end, and one whose drawing has begun is not dropped for the next.
  async draw() {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.root.isConnected && this.drawn !== this.wanted()) await this.once();
    } catch (error) {
      console.warn("unfold: a chart is not drawn", error);
    } finally {
      this.busy = false;
    }
  }

  address() {
    return window.unfoldLive?.[this.data.live] ?? this.data.figure;
  }

  wanted() {
    return [this.address(), this.data.marks, this.narrow(), themed(this.root).name].join("|");
  }

  narrow() {
    return this.place.clientWidth > 0 && this.place.clientWidth < 360;
  }

  async once() {
    const [address, marks, wanted, live] = [this.address(), this.data.marks, this.wanted(), this.data.live];
    const newest = () => address === this.address() && marks === this.data.marks;
    const own = marks ? fetched(this, marks, newest).then((answer) => answer?.json()) : null;
    const [answer, ringed] = await Promise.all([fetched(this, address, newest), own, plotly, style]);
    if (!this.root.isConnected) return;
    // An older figure of a live chart is drawn: where fetching takes longer than a look, the newest never comes first.
    if (!newest() && !(answer && live && live === this.data.live)) return;
    if (!answer) throw new Error(`no answer: ${address}`); // the next message of the page tries again
    const theme = themed(this.root);
    const figure = marked(placed(await answer.text(), theme, this.narrow(), this.data), ringed, theme);
    if (!this.root.isConnected) return;
    for (const trace of figure.data) this.mark(trace);
    if (this.tool) figure.layout.dragmode = this.tool;
    figure.layout.selections = this.plot.layout?.selections ?? [];
    await window.Plotly.react(this.plot, figure.data, figure.layout, CONFIG);
    this.drawn = wanted;
    this.figure = figure;
    this.root.dataset.drawn = address;
    this.listen();
    this.points.drawn();
    this.cursor.draw();
  }

  // A selection outlives a new figure: it is kept by the ids of the points, not by their places in a trace.
  mark(trace) {
    if (!this.selected || trace.customdata == null) return;
    const ids = trace.customdata;
    trace.selectedpoints = [...ids.keys()].filter((i) => this.selected.has(idOf(ids[i])));
  }

  listen() {
    if (this.emitter === this.plot.on) return;
    this.emitter = this.plot.on;
    this.plot.on("plotly_selected", (event) => event && this.select(event.points.map((point) => idOf(point.customdata))));
    this.plot.on("plotly_doubleclick", () => (this.selected ? this.clear() : this.reset()));
    this.plot.on("plotly_deselect", () => this.selected && this.clear());
    this.plot.on("plotly_hover", (event) => this.points.hover(event));
    this.plot.on("plotly_unhover", () => this.points.leave());
    this.plot.on("plotly_click", ({ points }) => points?.[0]?.xaxis && this.choose(idOf(points[0].customdata)));
    this.plot.on("plotly_relayout", () => this.points.hide());
  }

  // The time tells a second click on one point from the first.
  choose(id) {
    this.chosen = Date.now();
    if (this.data.click && id != null) this.send("clicked", { id, at: Date.now() });
  }

  // A click beside all points, in the coordinates of the figure; the end of a drag is none. Plotly tells of a point
  // that was hit only after the click itself.
  placed(event) {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    const down = this.points.down ?? { x: event.clientX, y: event.clientY };
    const dragged = Math.hypot(event.clientX - down.x, event.clientY - down.y) > 4;
    if (!this.data.places || !this.drawn || !xaxis || dragged || this.tool) return;
    const box = this.plot.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left - xaxis._offset, event.clientY - box.top - yaxis._offset];
    if (left < 0 || top < 0 || left > xaxis._length || top > yaxis._length) return;
    setTimeout(() => {
      if (Date.now() - (this.chosen ?? 0) < 300) return;
      this.send("place", { x: xaxis.p2d(left), y: yaxis.p2d(top), at: Date.now() });
    }, 80);
  }

  select(ids) {
    if (!this.data.select) return;
    this.selected = new Set(ids.filter((id) => id != null));
    this.send("selected", [...this.selected]);
  }

  clear() {
    this.selected = null;
    if (this.drawn) window.Plotly.update(this.plot, { selectedpoints: null }, { selections: [] });
    if (this.data.select) this.send("selected", []);
  }

  // Back to the view of the figure as it came.
  reset() {
    const layout = this.figure.layout;
    const views = {};
    for (const name of Object.keys(this.plot._fullLayout).filter((name) => /^[xy]axis\d*$/.test(name))) {
      const range = layout[name]?.range;
      views[range ? `${name}.range` : `${name}.autorange`] = range ? [...range] : layout[name]?.autorange ?? true;
    }
    for (const name of Object.keys(this.plot._fullLayout).filter((name) => /^scene\d*$/.test(name))) {
      views[`${name}.camera`] = layout[name]?.camera ?? null;
    }
    window.Plotly.relayout(this.plot, views);
  }

  drag(mode) {
    this.tool = this.tool === mode ? null : mode;
    window.Plotly.relayout(this.plot, { dragmode: this.tool ?? this.figure.layout.dragmode ?? "pan" });
    tools(this);
  }

  fit() {
    cancelAnimationFrame(this.fitting);
    this.fitting = requestAnimationFrame(() => {
      if (!this.root.isConnected || !this.drawn || !this.place.clientWidth) return;
      if (this.drawn !== this.wanted()) this.draw();
      else if (this.plot._fullLayout?.width !== this.place.clientWidth) window.Plotly.Plots.resize(this.plot);
    });
  }

  end() {
    removeEventListener("resize", this.onResize);
    removeEventListener("unfold-live", this.onLive);
    this.points.end();
    this.film.end();
    this.cursor.end();
    if (this.drawn) window.Plotly.purge(this.plot);
    this.drawn = null;
  }
}

export function draw(component) {
  const root = component.parentElement.querySelector(".unfold-chart");
  const chart = (root.unfold ??= new Chart(root));
  chart.update(component);
  // Streamlit also calls this for an update that the next one has overtaken: only a chart that has left the page ends.
  return () => setTimeout(() => root.isConnected || chart.end());
}
