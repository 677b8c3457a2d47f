// A map that unfolds: small pictures on a canvas that move from frame to frame of a training, in a loop with a pause
// button and a slider; a click or a tap shows one of them enlarged, with its class. Whoever asked for less motion sees
// the last frame, standing still.
const HOLD = 900, MOVE = 700, REST = 2600; // milliseconds: before the first move, of a move, on the last frame
const CARD = 112, LARGE = 94, REACH = 18; // pixels: the card, the picture in it, from a picture to the finger

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".unfold-unfolding");
  const [canvas, button, slider, label] = ["canvas", "button", "input", "output"].map((tag) => root.querySelector(tag));
  const last = data.notes.length - 1;
  root.unfolding?.stop();
  canvas.setAttribute("aria-label", data.alt);
  slider.max = last;

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const state = { playing: !still, at: still ? last : 0, began: performance.now(), wanted: 0, seen: true };
  const sprite = new Image();
  sprite.onload = () => draw();
  sprite.src = data.sprite;

  let centres = []; // of the pictures, as they were last drawn
  const card = root.querySelector("figure");
  const close = () => card.replaceChildren();
  const open = (i) => {
    const [x, y] = centres[i], beside = state.size;
    const image = document.createElement("i");
    const [column, row] = [i % data.columns, Math.floor(i / data.columns)].map((k) => `${-k * LARGE}px`);
    Object.assign(image.style, { background: `url(${data.sprite}) ${column} ${row} / ${data.columns * LARGE}px auto` });
    card.replaceChildren(image, data.labels[i]);
    const left = x + beside + CARD < canvas.clientWidth ? x + beside : x - beside - CARD;
    const top = Math.max(4, Math.min(canvas.clientHeight - card.offsetHeight - 4, y - CARD / 2));
    Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
  };
  canvas.onclick = ({ offsetX, offsetY }) => {
    const far = centres.map(([x, y]) => Math.hypot(x - offsetX, y - offsetY));
    const near = far.indexOf(Math.min(...far));
    if (!(far[near] < REACH)) return close();
    play(false);
    open(near);
  };
  const outside = (event) => event.composedPath().includes(canvas) || close();
  const escape = (event) => {
    if (event.key !== "Escape" || !card.firstChild) return;
    event.preventDefault(); // done: it does not leave the presentation, too
    close();
  };
  document.addEventListener("pointerdown", outside);
  document.addEventListener("keydown", escape, true);

  const ease = (t) => (t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2);
  const draw = () => {
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const from = Math.min(Math.floor(state.at), last), to = Math.min(from + 1, last), share = ease(state.at - from);
    const size = Math.max(12, Math.min(data.tile, width / 34)), margin = size;
    const places = data.frames;
    state.size = size;
    centres = [];
    for (let i = 0; i < data.n; i++) {
      const [x, y] = [0, 1].map((k) => places[from][2 * i + k] * (1 - share) + places[to][2 * i + k] * share);
      const left = margin + (x / 1000) * (width - 2 * margin) - size / 2;
      const top = margin + (1 - y / 1000) * (height - 2 * margin) - size / 2;
      centres.push([left + size / 2, top + size / 2]);
      const [column, row] = [i % data.columns, Math.floor(i / data.columns)];
      pen.drawImage(sprite, column * data.tile, row * data.tile, data.tile, data.tile, left, top, size, size);
    }
    const shown = Math.round(state.at);
    label.textContent = data.notes[shown];
    if (document.activeElement !== slider || state.playing) slider.value = shown;
    slider.setAttribute("aria-valuetext", label.textContent);
  };

  const tick = (now) => {
    state.wanted = 0;
    const gone = now - state.began;
    if (gone > HOLD + last * MOVE + REST) state.began = now;
    state.at = Math.max(0, Math.min(last, (gone - HOLD) / MOVE));
    if (gone > HOLD + last * MOVE + REST) state.at = 0;
    draw();
    later();
  };
  const later = () => { if (state.playing && state.seen) state.wanted ||= requestAnimationFrame(tick); };
  const play = (on) => {
    state.playing = on;
    if (on) close();
    state.began = performance.now() - HOLD - (state.at >= last ? 0 : state.at) * MOVE;
    if (on && state.at >= last) state.began = performance.now();
    button.textContent = on ? "Pause" : "Play";
    later();
  };
  button.onclick = () => play(!state.playing);
  slider.oninput = () => { play(false); close(); state.at = Number(slider.value); draw(); };

  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  const visible = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting && !state.seen) state.began = performance.now() - HOLD - state.at * MOVE;
    state.seen = entry.isIntersecting;
    later();
  });
  visible.observe(canvas);
  play(state.playing);
  draw();

  const stop = () => {
    state.playing = false;
    cancelAnimationFrame(state.wanted);
    resized.disconnect();
    visible.disconnect();
    document.removeEventListener("pointerdown", outside);
    document.removeEventListener("keydown", escape, true);
    close();
  };
  root.unfolding = { stop };
  return root.unfolding.stop;
}
