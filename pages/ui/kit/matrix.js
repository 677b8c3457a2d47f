// A table of counts whose cells are buttons: a grid for the keyboard and for screen readers. Arrow keys move, Enter or a
// click opens a cell.
export default function ({ data, parentElement, setTriggerValue }) {
  let grid = parentElement.querySelector(".unfold-matrix");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "unfold-matrix";
    grid.setAttribute("role", "grid");
    parentElement.append(grid);
  }
  const { names, counts, shares, others, otherShares, chosen, sides, texts } = data;
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--across", names.length + (others ? 1 : 0));
  const held = grid.contains(document.activeElement) ? document.activeElement.dataset.at : null;

  const add = (parent, tag, role, text = "") => {
    const made = document.createElement(tag);
    made.setAttribute("role", role);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const at = (row, column) => grid.querySelector(`[data-at="${row},${column}"]`);
  const reach = (cell) => {
    for (const each of grid.querySelectorAll("button")) each.tabIndex = each === cell ? 0 : -1;
  };
  const open = (row, column) => {
    for (const each of grid.querySelectorAll("button")) each.setAttribute("aria-selected", each === at(row, column));
    reach(at(row, column));
    at(row, column).focus();
    setTriggerValue("clicked", [row, column]);
  };
  const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const cell = (parent, row, column) => {
    const n = counts[row][column];
    const words = texts ? texts[row][column] : n ? n.toLocaleString("en") : "·";
    const button = add(parent, "button", "gridcell", words);
    button.type = "button";
    button.dataset.at = `${row},${column}`;
    button.className = texts || row === column ? "right" : "wrong";
    button.classList.toggle("none", n === 0 || !words);
    button.disabled = !words;
    button.style.setProperty("--share", shares[row][column]);
    button.title = `${sides[0]} ${names[row]}, ${sides[1]} ${names[column]}: ${texts ? words : n}`;
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-selected", Boolean(chosen) && chosen[0] === row && chosen[1] === column);
    button.onclick = () => open(row, column);
    button.onkeydown = (event) => {
      const [down, right] = moves[event.key] ?? [];
      const next = down === undefined ? null : at(row + down, column + right);
      if (down === undefined) return; // Enter and the space bar are clicks
      event.preventDefault();
      if (next) (reach(next), next.focus());
    };
  };

  const rest = (parent, row) => { // what the hidden columns hold: no cell that opens
    const cell = add(parent, "span", "gridcell", others[row] ? others[row].toLocaleString("en") : "·");
    cell.className = "rest wrong";
    cell.classList.toggle("none", others[row] === 0);
    cell.style.setProperty("--share", otherShares[row]);
    cell.title = `${sides[0]} ${names[row]}, ${sides[1]} one that is not shown: ${others[row]}`;
  };

  const rows = document.createElement("div");
  rows.setAttribute("role", "rowgroup");
  const head = add(rows, "div", "row");
  const corner = add(head, "span", "columnheader");
  corner.className = "corner";
  // our own words; the arrow stays beside the last
  if (!texts) corner.innerHTML = `<i>${sides[1]}&nbsp;→</i><i>${sides[0]}&nbsp;↓</i>`;
  for (const name of others ? [...names, "others"] : names) {
    const header = add(head, "span", "columnheader");
    header.className = "top";
    header.title = name;
    add(header, "b", "presentation", name);
  }
  for (const [row, name] of names.entries()) {
    const line = add(rows, "div", "row");
    add(line, "span", "rowheader", name).title = name;
    for (const column of names.keys()) cell(line, row, column);
    if (others) rest(line, row);
  }
  grid.replaceChildren(rows);
  const first = (held && grid.querySelector(`[data-at="${held}"]`)) || (chosen && at(...chosen)) || at(0, 0);
  reach(first);
  if (held) first.focus();
}
