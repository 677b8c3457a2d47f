// A network as a chain of blocks and a cut between two of them: a slider for the keyboard and for screen readers, which
// is dragged, too. What stands behind the cut learns. Shown at once; the page follows when the cut is let go.
const short = (n) => {
  for (const [size, unit] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) if (n >= size) return `${Number((n / size).toPrecision(3))}${unit}`;
  return String(n);
};

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".unfold-chain");
  if (!root) {
    root = document.createElement("div");
    root.className = "unfold-chain";
    root.innerHTML = "<div class='line'></div><p role='status'></p>";
    parentElement.append(root);
  }
  const [line, said] = root.children;
  const { blocks, head } = data;
  const focused = root.contains(document.activeElement);
  let last = data.last;

  const box = (name, n, kind) => {
    const made = document.createElement("div");
    made.className = kind;
    made.title = `${name}: ${n.toLocaleString("en")} numbers`;
    for (const text of [name, short(n)]) made.append(Object.assign(document.createElement("span"), { textContent: text }));
    return made;
  };
  const boxes = blocks.map(([name, n]) => box(name, n, "block"));
  const cut = document.createElement("button");
  cut.type = "button";
  cut.className = "cut";
  cut.setAttribute("role", "slider");
  cut.setAttribute("aria-label", data.label);
  cut.setAttribute("aria-valuemin", 1);
  cut.setAttribute("aria-valuemax", blocks.length);

  const words = () => {
    const numbers = head + blocks.slice(blocks.length - last).reduce((sum, [, n]) => sum + n, 0);
    const which = last === blocks.length ? `all ${last} blocks` : last === 1 ? "the last block" : `the last ${last} of ${blocks.length} blocks`;
    return `${which[0].toUpperCase()}${which.slice(1)} and the classifier learn: ${numbers.toLocaleString("en")} trainable numbers`;
  };
  const draw = () => {
    for (const [i, each] of boxes.entries()) each.classList.toggle("learns", i >= blocks.length - last);
    line.insertBefore(cut, boxes[blocks.length - last]);
    cut.setAttribute("aria-valuenow", last);
    cut.setAttribute("aria-valuetext", words());
    said.textContent = words();
  };
  const to = (k) => {
    const next = Math.min(blocks.length, Math.max(1, k));
    if (next === last) return;
    last = next;
    const held = document.activeElement === cut;
    draw();
    if (held) cut.focus(); // it has another place now
  };
  const send = () => last !== data.last && setTriggerValue("cut", last);

  cut.onkeydown = (event) => {
    const by = { ArrowLeft: 1, ArrowDown: -1, ArrowUp: 1, ArrowRight: -1, Home: blocks.length, End: -blocks.length }[event.key];
    if (!by) return;
    event.preventDefault();
    to(last + by);
    send();
  };
  // The boundary that is nearest to the pointer, along the way the chain runs.
  const nearest = ({ clientX, clientY }) => {
    const down = getComputedStyle(line).flexDirection === "column";
    const at = (each) => { const r = each.getBoundingClientRect(); return down ? r.top : r.left; };
    const far = boxes.map((each) => Math.abs(at(each) - (down ? clientY : clientX)));
    return blocks.length - far.indexOf(Math.min(...far));
  };
  cut.onpointerdown = (event) => {
    event.preventDefault();
    cut.focus();
    const move = (moved) => to(nearest(moved));
    const up = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", up);
      send();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", up);
  };
  for (const [i, each] of boxes.entries()) each.onclick = () => { to(blocks.length - i); send(); };
  line.replaceChildren(...boxes, box("classifier", head, "block head learns"));
  draw();
  if (focused) cut.focus();
}
