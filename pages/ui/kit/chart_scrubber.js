// A slider over the steps of a training, and a button that plays them. All charts of its group move at once; the page
// learns of the step when the slider is let go.
import { PACE, calm } from "./chart_film.js";
import "./chart_style.js";

class Scrubber {
  constructor(root) {
    this.root = root;
    root.innerHTML =
      "<button type='button' class='play'></button><input type='range' min='0' step='1' aria-label='Frame at step'><output></output>";
    [this.button, this.slider, this.output] = root.children;
    this.button.onclick = () => (this.playing ? this.pause() : this.play());
    this.slider.oninput = () => { this.held = true; this.pause(); this.show(+this.slider.value); };
    this.slider.onchange = () => { this.held = false; this.tell(); };
    this.face();
  }

  update({ data, setStateValue }) {
    this.data = data;
    this.send = setStateValue;
    this.slider.max = Math.max(0, data.steps.length - 1);
    this.slider.disabled = this.button.disabled = data.steps.length < 2;
    if (!this.held && !this.playing) this.say(Math.max(0, data.steps.indexOf(data.at)));
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

  // Whether any chart has a frame to show, once all of them show it.
  async show(i) {
    this.say(i);
    const detail = { group: this.data.group, step: this.data.steps[i], moving: Boolean(this.playing), shown: [] };
    dispatchEvent(new CustomEvent("unfold-film", { detail }));
    return (await Promise.all(detail.shown)).some(Boolean);
  }

  async play() {
    const last = () => this.data.steps.length - 1;
    let i = +this.slider.value >= last() ? 0 : +this.slider.value;
    const token = (this.playing = {});
    this.face();
    for (; i <= last() && this.playing === token && this.root.isConnected; i++) {
      const pause = new Promise((done) => setTimeout(done, calm.matches ? 500 : PACE));
      if (!(await this.show(i))) break;
      await pause;
    }
    if (this.playing !== token) return;
    this.pause();
    if (i > last()) this.tell();
  }

  pause() {
    this.playing = null;
    this.face();
  }

  tell() {
    this.send("step", this.data.steps[+this.slider.value]);
  }
}

export function draw(component) {
  const root = component.parentElement.querySelector(".unfold-scrubber");
  const scrubber = (root.unfold ??= new Scrubber(root));
  scrubber.update(component);
  return () => setTimeout(() => root.isConnected || scrubber.pause());
}
