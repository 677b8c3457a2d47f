// A canvas for a digit, white on black as in MNIST: 168 pixels wide, which is six for each of its 28.
export default function ({ data, parentElement, setTriggerValue }) {
  if (parentElement.querySelector(".unfold-drawing")) return;
  const box = document.createElement("div");
  box.className = "unfold-drawing";
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 168;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", data.label);
  const pen = canvas.getContext("2d");
  const add = button("Add this drawing");
  const clear = button("Clear the canvas");
  box.append(canvas, add, clear);
  parentElement.append(box);

  function button(text) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    return made;
  }
  const empty = () => {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, 168, 168);
    add.disabled = true;
  };
  empty();
  pen.strokeStyle = "#fff";
  pen.lineWidth = 14;
  pen.lineCap = pen.lineJoin = "round";
  const at = (event) => {
    const place = canvas.getBoundingClientRect();
    return [((event.clientX - place.left) * 168) / place.width, ((event.clientY - place.top) * 168) / place.height];
  };
  let last = null;
  const draw = (event) => {
    const next = at(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    add.disabled = false;
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    draw(event); // a dot
  };
  canvas.onpointermove = (event) => last && draw(event);
  canvas.onpointerup = canvas.onpointercancel = () => (last = null);
  clear.onclick = empty;
  add.onclick = () => {
    setTriggerValue("drawn", canvas.toDataURL("image/png"));
    empty();
  };
}
