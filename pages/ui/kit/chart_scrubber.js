// A slider over the steps of a training: a button that plays them, buttons for one step, a speed. All charts and pictures
// of its group move at once; the page learns of the step when the slider is let go.
import { PACE, calm } from "./chart_film.js";
import { exchange, prefetch } from "./chart_moments.js";
import "./chart_style.js";

const SPEEDS = [0.5, 1, 2, 4];
const PATIENCE = 10000; // milliseconds in which a page answers

class Scrubber {
  constructor(root) {
    this.root = root;
    root.innerHTML =
      "<button type='button' class='back' aria-label='One step back' title='One step back'>‹</button>" +
      "<button type='button' class='play'></button>" +
      "<button type='button' class='on' aria-label='One step on' title='One step on'>›</button>" +
      "<input type='range' min='0' step='1' aria-label='Frame at step'><output></output>" +
      `<select aria-label='Speed' title='Speed'>${SPEEDS.map((it) => `<option value='${it}'>${it}×</option>`).join("")}</select>`;
    [this.back, this.button, this.on, this.slider, this.output, this.speed] = root.children;
    this.speed.value = 1;
    this.button.onclick = () => (this.playing ? this.rest() : this.play());
    this.back.onclick = () => this.go(-1);
    this.on.onclick = () => this.go(1);
    this.slider.oninput = () => { this.held = true; this.pause(); this.show(+this.slider.value); };
    this.slider.onchange = () => { this.held = false; this.tell(); };
    this.face();
  }

  update({ data, setStateValue }) {
    this.data = data;
    this.send = setStateValue;
    this.slider.max = Math.max(0, data.steps.length - 1);
    for (const part of [this.slider, this.button, this.back, this.on]) part.disabled = data.steps.length < 2;
    // A page that was on its way when the slider was moved knows nothing of it: what was chosen stays until one does.
    const waits = this.chosen !== undefined && data.at !== this.chosen && performance.now() < this.until;
    if (!waits) this.chosen = undefined;
    if (!this.held && !this.playing && !waits) this.say(Math.max(0, data.steps.indexOf(data.at)));
  }

  face() {
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.button.title = this.playing ? "Pause" : "Play all steps";
  }

  say(i) {
    const step = this.data.steps[i] ?? 0;
    this.slider.value = i;
    this.slider.setAttribute("aria-valuetext", String(step));
    this.output.textContent = `step ${step.toLocaleString("en")}`;
  }

  // Whether any chart or picture has a frame to show, once all of them show it.
  async show(i) {
    this.say(i);
    const step = this.data.steps[i];
    [this.chosen, this.until] = [step, Infinity];
    const detail = { group: this.data.group, step, share: this.data.of ? step / this.data.of : null, moving: Boolean(this.playing), shown: [] };
    dispatchEvent(new CustomEvent("unfold-film", { detail }));
    const token = (this.shown = {});
    const pictures = exchange(this.data.runs, detail, () => this.shown === token && this.root.isConnected);
    if (!this.fetching) this.fetching = prefetch(this.data.runs, () => this.root.isConnected).then(() => (this.fetching = null));
    return (await Promise.all([...detail.shown, pictures])).some(Boolean);
  }

  async play() {
    const last = () => this.data.steps.length - 1;
    let i = +this.slider.value >= last() ? 0 : +this.slider.value;
    const token = (this.playing = {});
    this.face();
    for (; i <= last() && this.playing === token && this.root.isConnected; i++) {
      const pause = new Promise((done) => setTimeout(done, (calm.matches ? 500 : PACE) / this.speed.value));
      if (!(await this.show(i))) break;
      await pause;
    }
    if (this.playing !== token) return;
    this.pause();
    if (i > last()) this.tell();
    else this.until = 0;
  }

  // One step back or on.
  go(by) {
    this.pause();
    const i = Math.min(this.data.steps.length - 1, Math.max(0, +this.slider.value + by));
    this.show(i);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.root.isConnected && this.tell(), 600); // several clicks are told once
  }

  pause() {
    this.playing = null;
    this.face();
  }

  // A click on pause: the page shows what the charts show.
  rest() {
    this.pause();
    this.tell();
  }

  tell() {
    clearTimeout(this.later);
    this.until = performance.now() + PATIENCE;
    this.send("step", this.data.steps[+this.slider.value]);
  }
}

export function draw(component) {
  const root = component.parentElement.querySelector(".unfold-scrubber");
  const scrubber = (root.unfold ??= new Scrubber(root));
  scrubber.update(component);
  return () => setTimeout(() => root.isConnected || scrubber.pause());
}
