// A chart through time: its frames, and how it moves to one of them when a slider of its group says so.
import { nearest } from "./chart_moments.js";
import { decoded } from "./chart_values.js";

export const PACE = 160; // milliseconds from one frame to the next
export const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Film {
  constructor(chart) {
    this.chart = chart;
    this.onFilm = (event) => this.follow(event.detail);
  }

  update(film) {
    if (!film) return;
    addEventListener("unfold-film", this.onFilm); // once, however often it is said
    if (this.film?.address !== film.address) this.frames = null;
    this.film = film;
    this.say(film.at, film.asked);
  }

  // The step of this chart, where it has no frame of the one that was asked for.
  say(step, asked) {
    const other = this.film.steps.length && step !== asked;
    this.chart.step.textContent = other ? `step ${step.toLocaleString("en")}` : "";
  }

  // The frames are fetched when somebody first moves the slider.
  async load() {
    const frames = (this.frames ??= fetch(this.film.address).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null));
    if (!(await frames) && this.frames === frames) this.frames = null; // the next move tries again
    return frames;
  }

  // `shown` learns of it: the slider waits for all charts of its group.
  follow({ group, step, share, moving, shown }) {
    if (group !== this.film?.group || !this.film.steps.length || !this.chart.root.isConnected) return;
    shown.push(this.show(nearest(this.film.steps, this.film.of, { step, share }), step, moving));
  }

  // Whether there are frames to show.
  async show(step, asked, moving) {
    this.say(step, asked);
    const [film, frames] = [this.film, await this.load()];
    const frame = frames?.[step];
    if (!frame) return false;
    if (!this.chart.drawn || film.address !== this.film.address) return true;
    const data = frame.map((trace) => ({ x: decoded(trace.x), y: decoded(trace.y) }));
    const duration = calm.matches || !moving ? 0 : PACE;
    this.chart.points.hide();
    const pace = { mode: "immediate", frame: { duration, redraw: false }, transition: { duration, easing: "linear" } };
    await window.Plotly.animate(this.chart.plot, { data, traces: data.map((_, k) => k) }, pace).catch(() => null);
    return true;
  }

  end() {
    removeEventListener("unfold-film", this.onFilm);
  }
}
