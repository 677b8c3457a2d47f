// An image with a canvas above it: a stroke marks cells, and its end tells the page. The arrow keys move the brush,
// space or Enter paints where it is.
export default function ({ data, parentElement, setStateValue }) {
  let root = parentElement.querySelector(".unfold-brush");
  if (!root) {
    root = document.createElement("div");
    root.className = "unfold-brush";
    root.innerHTML = "<div class='place'><img alt=''><canvas tabindex='0' role='application'></canvas></div>" +
      "<button type='button'>Clear</button>";
    parentElement.append(root);
    root.cells = new Set();
  }
  const [image, canvas, clear] = ["img", "canvas", "button"].map((name) => root.querySelector(name));
  const { rows, columns } = data;
  image.src = data.image;
  canvas.setAttribute("aria-label", `${data.label}: drag to paint; arrow keys move the brush, space paints`);
  if (root.version !== data.version) {
    root.cells.clear();
    root.at = { x: 0.5, y: 0.5 };
    root.version = data.version;
  }
  const draw = (cursor) => {
    Object.assign(canvas, { width: columns * 8, height: rows * 8 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "rgba(230, 159, 0, 0.6)";
    for (const cell of root.cells) pen.fillRect((cell % columns) * 8, Math.floor(cell / columns) * 8, 8, 8);
    if (!cursor) return;
    pen.strokeStyle = "rgb(230, 159, 0)";
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(root.at.x * canvas.width, root.at.y * canvas.height, (data.size / 200) * canvas.width, 0, 7);
    pen.stroke();
  };
  const paint = () => {
    const reach = Math.max(data.size / 200, 0.5 / columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const far = Math.hypot((column + 0.5) / columns - root.at.x, (row + 0.5) / rows - root.at.y);
        if (far <= reach) root.cells.add(row * columns + column);
      }
    }
  };
  const tell = () => setStateValue("painted", { version: root.version, cells: [...root.cells], at: Date.now() });
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    const to = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    const from = root.stroke ? root.at : to;
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) * columns * 2));
    for (let i = 1; root.stroke && i <= steps; i++) { // a fast stroke leaves no gaps
      root.at = { x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps };
      paint();
    }
    root.at = to;
    draw(true);
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    root.stroke = true;
    move(event);
    paint();
    draw(true);
  };
  canvas.onpointermove = move;
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (root.stroke) tell();
    root.stroke = false;
  };
  canvas.onpointerleave = () => draw(document.activeElement === canvas);
  canvas.onfocus = () => draw(true);
  canvas.onblur = () => draw(false);
  canvas.onkeydown = (event) => {
    const by = { ArrowRight: [1, 0], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowUp: [0, -1] }[event.key];
    if (by) root.at = { x: within(root.at.x + by[0] / columns), y: within(root.at.y + by[1] / rows) };
    else if (event.key === " " || event.key === "Enter") { paint(); tell(); } else return;
    event.preventDefault();
    draw(true);
  };
  clear.onclick = () => {
    root.cells.clear();
    draw(false);
    tell();
  };
  draw(document.activeElement === canvas);
}

const within = (share) => Math.min(1, Math.max(0, share));
