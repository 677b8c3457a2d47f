// A chart through time: a slider over its steps, and a button that plays them. The chart moves at once; the page
// learns of the step when the slider is let go. Charts of one group move together.
import { decoded } from "./chart_values.js";

const PACE = 160; // milliseconds from one frame to the next
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Film {
  constructor(chart) {
    this.chart = chart;
    this.place = chart.filmPlace;
    this.onFilm = (event) => this.follow(event.detail);
  }

  update(film) {
    this.place.hidden = !film;
    if (!film) return;
    addEventListener("unfold-film", this.onFilm); // once, however often it is said
    const fresh = this.film?.address !== film.address;
    this.film = film;
    if (fresh) this.frames = null;
    if (!this.slider) this.build();
    this.slider.max = Math.max(0, film.steps.length - 1);
    this.slider.disabled = this.button.disabled = film.steps.length < 2;
    if (!this.held && !this.playing) this.say(Math.max(0, film.steps.indexOf(film.at)));
  }

  build() {
    this.place.innerHTML =
      "<button type='button' class='play'></button><input type='range' min='0' step='1' aria-label='Frame at step'><output></output>";
    [this.button, this.slider, this.output] = this.place.children;
    this.button.onclick = () => (this.playing ? this.pause() : this.play());
    this.slider.oninput = () => { this.held = true; this.pause(); this.show(+this.slider.value, true); };
    this.slider.onchange = () => { this.held = false; this.tell(); };
    this.face();
  }

  face() {
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.button.title = this.playing ? "Pause" : "Play all steps";
  }

  say(i) {
    const step = this.film.steps[i] ?? 0;
    this.slider.value = i;
    this.slider.setAttribute("aria-valuetext", String(step));
    this.output.textContent = `step ${step.toLocaleString("en")}`;
  }

  // The frames are fetched when somebody first moves the slider.
  async load() {
    const frames = (this.frames ??= fetch(this.film.address).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null));
    if (!(await frames) && this.frames === frames) this.frames = null; // the next move tries again
    return frames;
  }

  async show(i, lead) {
    this.say(i);
    if (lead && this.film.group) {
      const detail = { group: this.film.group, from: this, share: i / Math.max(1, this.film.steps.length - 1) };
      dispatchEvent(new CustomEvent("unfold-film", { detail }));
    }
    const [film, frames] = [this.film, await this.load()];
    const frame = frames?.[film.steps[i]];
    if (!frame || !this.chart.drawn || film !== this.film && film.address !== this.film.address) return;
    const data = frame.map((trace) => ({ x: decoded(trace.x), y: decoded(trace.y) }));
    const duration = calm.matches || !this.playing ? 0 : PACE;
    this.chart.points.hide();
    const pace = { mode: "immediate", frame: { duration, redraw: false }, transition: { duration, easing: "linear" } };
    await window.Plotly.animate(this.chart.plot, { data, traces: data.map((_, k) => k) }, pace).catch(() => null);
  }

  follow({ group, from, share }) {
    if (from === this || !this.film || group !== this.film.group || !this.chart.root.isConnected) return;
    this.show(Math.round(share * (this.film.steps.length - 1)), false);
  }

  async play() {
    const film = this.film;
    let i = +this.slider.value >= film.steps.length - 1 ? 0 : +this.slider.value;
    const token = (this.playing = {});
    this.face();
    if (!(await this.load()) && this.playing === token) this.pause();
    for (; i < this.film.steps.length && this.playing === token && this.chart.root.isConnected; i++) {
      await Promise.all([this.show(i, true), new Promise((done) => setTimeout(done, calm.matches ? 500 : PACE))]);
    }
    if (this.playing !== token) return;
    this.pause();
    this.tell();
  }

  pause() {
    this.playing = null;
    if (this.button) this.face();
  }

  end() {
    removeEventListener("unfold-film", this.onFilm);
    this.pause();
  }

  tell() {
    this.chart.send("step", this.film.steps[+this.slider.value]);
  }
}
