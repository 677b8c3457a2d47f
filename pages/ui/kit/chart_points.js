// The points of a chart: the card of one under the mouse, and the way from one to the next by keys.
import { idOf } from "./chart_values.js";

const CLEAR = 26; // pixels around a point that its card leaves free
const NEAR = 12; // neighbours of a point that its card does not cover, where it can
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const SPELLED = { "&lt;": "<", "&gt;": ">", "&#37;": "%", "&amp;": "&" };

// What Plotly would read as letters, as letters: names in a figure are spelled for it.
const letters = (text) => String(text).replace(/&(lt|gt|#37|amp);/g, (spelled) => SPELLED[spelled]);

// One card for the whole page; it belongs to the chart that spoke last.
function card() {
  let tip = document.getElementById("unfold-tip");
  if (tip) return tip;
  tip = document.createElement("div");
  tip.id = "unfold-tip";
  tip.setAttribute("aria-hidden", "true"); // what it says is spoken by the chart itself
  tip.append(document.createElement("img"), document.createElement("span"));
  document.body.append(tip);
  addEventListener("scroll", () => { tip.style.display = "none"; }, { capture: true, passive: true });
  return tip;
}

const spoken = (trace) => trace.visible === true && trace.hoverinfo !== "skip" && trace.x?.length > 0;

export class Points {
  constructor(chart) {
    this.chart = chart;
    this.ring = document.createElement("span");
    this.ring.className = "ring";
    this.echo = document.createElement("span"); // around the point that is under the mouse in a chart beside this one
    this.echo.className = "ring echo";
    chart.place.append(this.ring, this.echo);
    this.onHover = ({ detail }) => this.follow(detail);
    addEventListener("unfold-hover", this.onHover);
    chart.place.addEventListener("keydown", (event) => this.key(event));
    chart.place.addEventListener("blur", () => this.hide());
    chart.place.addEventListener("mouseleave", () => this.hide());
    // Of a map in space Plotly reports a click only where the button is down while it draws: a short one is lost.
    chart.place.addEventListener("pointerdown", (event) => { this.down = { x: event.clientX, y: event.clientY }; }, true);
    chart.place.addEventListener("pointerup", (event) => this.up(event), true);
  }

  end() {
    this.hide();
    removeEventListener("unfold-hover", this.onHover);
  }

  // Charts of one group show the same images: each rings the one that is under the mouse, or reached by keys, in another.
  tell(id) {
    const { linked } = this.chart.data;
    if (linked) dispatchEvent(new CustomEvent("unfold-hover", { detail: { linked, id, from: this } }));
  }

  follow({ linked, id, from }) {
    if (from === this || !this.chart.drawn || linked !== this.chart.data?.linked) return;
    const found = id == null ? null : (this.cached ??= this.all()).find((point) => point.flat && this.id(point) === id);
    Object.assign(this.echo.style, found ? { display: "block", left: `${found.x}px`, top: `${found.y}px` } : { display: "none" });
  }

  update() {
    const { place, data } = this.chart;
    if (!data.tools || data.waiting || !this.any()) {
      for (const name of ["tabindex", "role", "aria-roledescription", "aria-label"]) place.removeAttribute(name);
      return;
    }
    place.tabIndex = 0;
    place.setAttribute("role", "application"); // arrow keys reach the chart, not the reading position
    place.setAttribute("aria-roledescription", "chart");
    const act = data.click ? ", Enter chooses it" : "";
    place.setAttribute("aria-label", `Points of ${data.title || data.alt}: arrow keys move from point to point${act}`);
  }

  // Whether there is a point that the arrow keys may reach.
  any() {
    return (this.chart.plot._fullData ?? []).some(spoken);
  }

  drawn() {
    this.cached = null;
    this.echo.style.display = "none";
    this.update();
    if (this.at) this.at = this.all().find((point) => point.trace === this.at.trace && point.index === this.at.index);
    if (this.at && document.activeElement === this.chart.place) this.mark(this.at);
  }

  // Where every visible point stands, in pixels of the chart; those of a 3-D chart have no place, but an order.
  all() {
    const { _fullData: traces = [], _fullLayout: layout } = this.chart.plot;
    const points = [];
    for (const trace of traces) {
      if (!spoken(trace)) continue;
      const [xa, ya] = [trace.xaxis, trace.yaxis].map((id) => id && layout[`${id[0]}axis${id.slice(1)}`]);
      for (let index = 0; index < trace.x.length; index++) {
        const x = xa ? xa._offset + xa.d2p(trace.x[index]) : index;
        const y = ya ? ya._offset + ya.d2p(trace.y[index]) : 0;
        if (Number.isFinite(x) && Number.isFinite(y)) points.push({ x, y, trace: trace.index, index, flat: Boolean(xa) });
      }
    }
    return points;
  }

  // The nearest point that lies in this direction: what lies aside counts twice.
  next([dx, dy]) {
    const points = (this.cached ??= this.all());
    const { clientWidth: width, clientHeight: height } = this.chart.place;
    const inside = (point) => point.x >= 0 && point.y >= 0 && point.x <= width && point.y <= height;
    if (!this.at) {
      const [x, y] = [width / 2, height / 2];
      return best(points.filter(inside), (point) => Math.hypot(point.x - x, point.y - y));
    }
    return best(points, (point) => {
      const [x, y] = [point.x - this.at.x, point.y - this.at.y];
      const [ahead, aside] = [x * dx + y * dy, Math.abs(x * dy) + Math.abs(y * dx)];
      return ahead > 0.5 && (inside(point) || !point.flat) ? ahead + 2 * aside : Infinity;
    });
  }

  key(event) {
    if (event.target !== this.chart.place || !this.chart.drawn) return;
    if (event.key === "Escape") {
      if (this.at || this.chart.selected) event.preventDefault(); // done: it does not leave the presentation, too
      if (this.at) this.hide();
      else if (this.chart.selected) this.chart.clear();
    } else if (event.key === "Enter" && this.at) this.chart.choose(this.id(this.at));
    else if (WAYS[event.key]) {
      const point = this.next(WAYS[event.key]);
      if (point) this.mark((this.at = point));
      event.preventDefault();
    }
  }

  id({ trace, index }) {
    return idOf(this.chart.plot._fullData[trace].customdata?.[index]);
  }

  mark(point) {
    Object.assign(this.ring.style, { display: point.flat ? "block" : "none", left: `${point.x}px`, top: `${point.y}px` });
    const words = this.words(point);
    this.tell(this.id(point));
    this.chart.said.textContent = words;
    const box = this.chart.place.getBoundingClientRect();
    const [x, y] = point.flat ? [box.left + point.x, box.top + point.y] : [box.left + box.width / 2, box.top + 40];
    this.show(this.id(point), words, x, y, this.picture(point));
  }

  // The address of a point's own picture, where it is none of the data's.
  picture({ trace, index }) {
    return this.chart.plot._fullData[trace].meta?.images?.[index] ?? "";
  }

  words(at) {
    return letters(this.named(at));
  }

  named({ trace: number, index }) {
    const trace = this.chart.plot._fullData[number];
    if (trace.meta?.said) return trace.meta.said[index];
    const id = idOf(trace.customdata?.[index]);
    const own = this.chart.figure?.layout.meta?.names?.[trace.meta?.of?.[index]]; // where a trace is not one class
    const name = own ?? (trace.name && !/^trace \d+$/.test(trace.name) ? trace.name : "");
    if (id != null) return this.chart.data.captions?.[id] ?? [spelled(id), name].filter(Boolean).join(" · ");
    const { xaxis, yaxis } = this.chart.plot._fullLayout;
    const [x, y] = [[xaxis, trace.x], [yaxis, trace.y]].map(([axis, values]) => figure(values[index], axis));
    return [name, trace.orientation === "h" ? `${y}: ${x}` : `${xaxis?.title?.text ?? ""} ${x}: ${y}`.trim()].filter(Boolean).join(" · ");
  }

  hover(event) {
    const point = event.points[0];
    const at = { trace: point.fullData.index, index: point.pointNumber };
    if (!point.fullData.meta?.said && (!this.chart.data.images || idOf(point.customdata) == null)) return;
    const box = this.chart.place.getBoundingClientRect();
    const flat = point.xaxis && point.yaxis;
    this.over = flat ? null : idOf(point.customdata);
    this.tell(idOf(point.customdata));
    const x = flat ? box.left + point.xaxis._offset + point.xaxis.d2p(point.x) : event.event?.clientX ?? box.left;
    const y = flat ? box.top + point.yaxis._offset + point.yaxis.d2p(point.y) : event.event?.clientY ?? box.top;
    this.show(idOf(point.customdata), this.words(at), x, y, this.picture(at));
  }

  // A click on a point in space, unless it was a turn of the map.
  up({ clientX, clientY }) {
    const still = this.down && Math.hypot(clientX - this.down.x, clientY - this.down.y) < 4;
    if (still && this.over != null) this.chart.choose(this.over);
    this.down = null;
  }

  leave() {
    this.over = null;
    this.tell(null);
    if (document.activeElement !== this.chart.place || !this.at) card().style.display = "none";
    else this.mark(this.at);
  }

  // The points that lie nearest to a place on the screen.
  around(x, y) {
    const box = this.chart.place.getBoundingClientRect();
    const near = []; // nearest first
    for (const point of (this.cached ??= this.all())) {
      if (!point.flat) return [];
      const [left, top] = [box.left + point.x, box.top + point.y];
      const far = Math.hypot(left - x, top - y);
      if (near.length === NEAR && far >= near[NEAR - 1].far) continue;
      const at = near.findIndex((other) => other.far > far);
      near.splice(at < 0 ? near.length : at, 0, { left, top, far });
      if (near.length > NEAR) near.pop();
    }
    return near;
  }

  // Beside the point, on the side where it covers the fewest of its neighbours; never over the point itself.
  show(id, words, x, y, picture = "") {
    const tip = card();
    const [image, caption] = tip.children;
    const { images, px } = this.chart.data;
    const style = getComputedStyle(this.chart.root);
    for (const name of ["background-color", "text-color", "border-color", "font"]) {
      tip.style.setProperty(`--tip-${name}`, style.getPropertyValue(`--st-${name}`));
    }
    const address = picture || (images && id != null ? images.replace("{id}", id) : "");
    image.style.display = address ? "block" : "none";
    if (address && image.getAttribute("src") !== address) image.src = address;
    image.style.width = image.style.height = `${px}px`;
    image.alt = "";
    caption.textContent = words;
    tip.style.display = "block";
    const { width, height } = tip.getBoundingClientRect();
    const fits = (left, top) => left >= 8 && top >= 8 && left + width <= innerWidth - 8 && top + height <= innerHeight - 8;
    const middle = [Math.min(Math.max(8, x - width / 2), innerWidth - width - 8), Math.min(Math.max(8, y - height / 2), innerHeight - height - 8)];
    const places = [[x + CLEAR, middle[1]], [x - CLEAR - width, middle[1]], [middle[0], y - CLEAR - height], [middle[0], y + CLEAR]];
    const near = this.around(x, y);
    const covered = ([left, top]) => near.filter((it) => it.left > left && it.left < left + width && it.top > top && it.top < top + height).length;
    const [left, top] = best(places.filter((place) => fits(...place)), covered) ?? places[3];
    Object.assign(tip.style, { left: `${left}px`, top: `${top}px` });
  }

  hide() {
    const tip = document.getElementById("unfold-tip");
    if (tip) tip.style.display = "none";
    this.ring.style.display = "none";
    this.at = this.cached = null;
    this.tell(null);
  }
}

// point_ids.py: rows of the training split stand above those of validation, test rows above these.
function spelled(id) {
  const split = ["", "train ", "test "][Math.floor(id / 1e7)] ?? "";
  return `${split}#${id % 1e7}`;
}

function best(points, cost) {
  let [found, least] = [null, Infinity];
  for (const point of points) {
    const value = cost(point);
    if (value < least) [found, least] = [point, value];
  }
  return found;
}

function figure(value, axis) {
  if (typeof value !== "number") return String(value);
  if (axis?.tickformat?.endsWith("%")) return `${(100 * value).toFixed(1)} %`;
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}
