// A row of images, one of which is chosen: a group of radio buttons for the keyboard and for screen readers. As with
// all radio buttons, an arrow key chooses the next.
export default function ({ data, parentElement, setTriggerValue }) {
  let tray = parentElement.querySelector(".unfold-tray");
  if (!tray) {
    tray = document.createElement("div");
    tray.className = "unfold-tray";
    tray.setAttribute("role", "radiogroup");
    parentElement.append(tray);
  }
  tray.setAttribute("aria-label", data.label);
  tray.classList.toggle("wrap", data.wrap);

  // Shown at once; the page follows.
  const choose = (chosen) => {
    for (const [i, button] of [...tray.children].entries()) {
      button.setAttribute("aria-checked", i === chosen);
      button.tabIndex = i === chosen ? 0 : -1;
    }
    tray.children[chosen].focus();
    setTriggerValue("clicked", data.items[chosen].id);
  };
  const cell = (item, i) => {
    const chosen = item.id === data.chosen;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.id = item.id; // an image may have another place in the next row
    button.title = item.alt;
    button.classList.toggle("marked", item.marked);
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", chosen);
    button.tabIndex = chosen || (i === 0 && !data.items.some((other) => other.id === data.chosen)) ? 0 : -1;
    button.onclick = () => choose(i);
    button.onkeydown = (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const n = tray.children.length;
      choose((i + by + n) % n);
    };
    const image = document.createElement("img");
    image.src = data.url.replace("{id}", item.id);
    image.alt = item.alt;
    button.append(image);
    return button;
  };
  const held = tray.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  tray.replaceChildren(...data.items.map(cell));
  if (held) (tray.querySelector(`[data-id="${held}"]`) ?? tray.querySelector("[tabindex='0']"))?.focus();
}
