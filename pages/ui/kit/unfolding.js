// A map that unfolds: small pictures on a canvas that move from frame to frame of a training, in a loop with a pause
// button and a slider; a click or a tap shows one of them enlarged, with its class. Whoever asked for less motion sees
// the last frame, standing still.
const HOLD = 900, MOVE = 700, REST = 2600; // milliseconds: before the first move, of a move, on the last frame
const CARD = 112, LARGE = 94, REACH = 18; // pixels: the card, the picture in it, from a picture to the finger

const ease = (t) => (t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2);

class Unfolding {
  constructor(root, data) {
    [this.root, this.data, this.last] = [root, data, data.notes.length - 1];
    [this.canvas, this.button, this.slider, this.label] = ["canvas", "button", "input", "output"].map((tag) => root.querySelector(tag));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    Object.assign(this, { playing: !still, at: still ? this.last : 0, began: performance.now(), wanted: 0, seen: true });
    this.centres = []; // of the pictures, as they were last drawn
    this.card = new Card(this);
    this.resized = new ResizeObserver(() => this.draw());
    this.visible = new IntersectionObserver(([entry]) => this.see(entry.isIntersecting));
  }

  start() {
    this.canvas.setAttribute("aria-label", this.data.alt);
    this.slider.max = this.last;
    this.sprite = new Image();
    this.sprite.onload = () => this.draw();
    this.sprite.src = this.data.sprite;
    this.button.onclick = () => this.play(!this.playing);
    this.slider.oninput = () => this.show(Number(this.slider.value));
    this.canvas.onclick = ({ offsetX, offsetY }) => this.click(offsetX, offsetY);
    this.card.listen();
    this.resized.observe(this.canvas);
    this.visible.observe(this.canvas);
    this.play(this.playing);
    this.draw();
  }

  stop() {
    this.playing = false;
    cancelAnimationFrame(this.wanted);
    this.resized.disconnect();
    this.visible.disconnect();
    this.card.end();
  }

  play(on) {
    this.playing = on;
    if (on) this.card.close();
    this.since(this.at >= this.last ? 0 : this.at);
    if (on && this.at >= this.last) this.began = performance.now();
    this.button.textContent = on ? "Pause" : "Play";
    this.later();
  }

  // The loop goes on from here.
  since(at) {
    this.began = performance.now() - HOLD - at * MOVE;
  }

  later() {
    if (this.playing && this.seen) this.wanted ||= requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.wanted = 0;
    const gone = now - this.began;
    const over = gone > HOLD + this.last * MOVE + REST;
    if (over) this.began = now;
    this.at = over ? 0 : Math.max(0, Math.min(this.last, (gone - HOLD) / MOVE));
    this.draw();
    this.later();
  }

  see(seen) {
    if (seen && !this.seen) this.since(this.at);
    this.seen = seen;
    this.later();
  }

  show(at) {
    this.play(false);
    this.card.close();
    this.at = at;
    this.draw();
  }

  click(left, top) {
    const far = this.centres.map(([x, y]) => Math.hypot(x - left, y - top));
    const near = far.indexOf(Math.min(...far));
    if (!(far[near] < REACH)) return this.card.close();
    this.play(false);
    this.card.open(near);
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    this.size = Math.max(12, Math.min(this.data.tile, width / 34));
    this.centres = this.places(width, height);
    const pen = this.pen(width, height);
    this.centres.forEach((centre, i) => this.picture(pen, centre, i));
    this.say(Math.round(this.at));
  }

  // Where the centre of each picture is between two frames, in pixels; y grows upwards in a map.
  places(width, height) {
    const from = Math.min(Math.floor(this.at), this.last), to = Math.min(from + 1, this.last);
    const share = ease(this.at - from), frames = this.data.frames;
    const between = (k) => frames[from][k] * (1 - share) + frames[to][k] * share;
    const [inner, outer] = [width - 2 * this.size, height - 2 * this.size];
    const centre = (i) => [this.size + (between(2 * i) / 1000) * inner, this.size + (1 - between(2 * i + 1) / 1000) * outer];
    return Array.from({ length: this.data.n }, (_, i) => centre(i));
  }

  // An empty canvas with as many pixels as the screen has.
  pen(width, height) {
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  }

  picture(pen, [x, y], i) {
    const { size, data: { tile } } = this;
    const [column, row] = this.cell(i);
    pen.drawImage(this.sprite, column * tile, row * tile, tile, tile, x - size / 2, y - size / 2, size, size);
  }

  // Where a picture stands in the sprite.
  cell(i) {
    return [i % this.data.columns, Math.floor(i / this.data.columns)];
  }

  say(shown) {
    this.label.textContent = this.data.notes[shown];
    if (document.activeElement !== this.slider || this.playing) this.slider.value = shown;
    this.slider.setAttribute("aria-valuetext", this.label.textContent);
  }
}

// The picture that was clicked, enlarged, with its class.
class Card {
  constructor(unfolding) {
    this.unfolding = unfolding;
    this.place = unfolding.root.querySelector("figure");
    this.outside = (event) => event.composedPath().includes(unfolding.canvas) || this.close();
    this.escape = (event) => this.key(event);
  }

  listen() {
    document.addEventListener("pointerdown", this.outside);
    document.addEventListener("keydown", this.escape, true);
  }

  end() {
    document.removeEventListener("pointerdown", this.outside);
    document.removeEventListener("keydown", this.escape, true);
    this.close();
  }

  key(event) {
    if (event.key !== "Escape" || !this.place.firstChild) return;
    event.preventDefault(); // done: it does not leave the presentation, too
    this.close();
  }

  open(i) {
    const { canvas, centres, size, data } = this.unfolding;
    const [x, y] = centres[i];
    this.place.replaceChildren(this.picture(i), data.labels[i]);
    const left = x + size + CARD < canvas.clientWidth ? x + size : x - size - CARD;
    const top = Math.max(4, Math.min(canvas.clientHeight - this.place.offsetHeight - 4, y - CARD / 2));
    Object.assign(this.place.style, { left: `${left}px`, top: `${top}px` });
  }

  picture(i) {
    const { sprite, columns } = this.unfolding.data;
    const image = document.createElement("i");
    const [column, row] = this.unfolding.cell(i).map((k) => `${-k * LARGE}px`);
    image.style.background = `url(${sprite}) ${column} ${row} / ${columns * LARGE}px auto`;
    return image;
  }

  close() {
    this.place.replaceChildren();
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".unfold-unfolding");
  root.unfolding?.stop();
  const unfolding = (root.unfolding = new Unfolding(root, data));
  unfolding.start();
  return () => unfolding.stop();
}
