// Explains a term of the field: a link to #term-… whose title is "term: sentence". One tooltip for the whole page:
// on hover, on keyboard focus, on a tap or click; it may be pointed at, and Escape closes it.
const TERM = 'a[href^="#term-"]';
const GRACE = 200; // ms in which the pointer may cross from the term to the tooltip

function tooltip() {
  let tip = document.getElementById("unfold-term");
  if (tip) return tip;
  tip = document.createElement("div");
  tip.id = "unfold-term";
  tip.setAttribute("role", "tooltip");
  tip.append(document.createElement("strong"), document.createElement("span"));
  document.body.appendChild(tip);
  return tip;
}

export default function ({ parentElement }) {
  const tip = tooltip();
  const [name, sentence] = tip.children;
  const host = parentElement.host || parentElement;
  let shown = null;
  let clicked = false;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    clicked = false;
    tip.style.display = "none";
  };
  const show = (term) => {
    clearTimeout(timer);
    if (term === shown) return;
    hide();
    if (term.title) { // the browser's own tooltip would stand beside this one
      term.dataset.term = term.title;
      term.removeAttribute("title");
    }
    const text = term.dataset.term || "";
    const colon = text.indexOf(": ");
    name.textContent = text.slice(0, colon);
    sentence.textContent = text.slice(colon + 2);
    const style = getComputedStyle(host);
    tip.style.setProperty("--tip-back", style.getPropertyValue("--st-background-color"));
    tip.style.setProperty("--tip-text", style.getPropertyValue("--st-text-color"));
    tip.style.setProperty("--tip-line", style.getPropertyValue("--st-border-color"));
    tip.style.display = "block";
    const at = term.getClientRects()[0];
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(innerWidth - box.width - 8, at.left)) + "px";
    tip.style.top = (at.bottom + 6 + box.height < innerHeight ? at.bottom + 6 : at.top - 6 - box.height) + "px";
    term.setAttribute("aria-describedby", tip.id);
    shown = term;
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(hide, GRACE); };
  const termOf = (event) => (event.target.closest ? event.target.closest(TERM) : null);

  const listeners = {
    pointerover: (event) => {
      if (event.pointerType === "touch") return;
      const term = termOf(event);
      if (term) show(term);
      else if (tip.contains(event.target)) clearTimeout(timer);
    },
    pointerout: (event) => {
      const inside = shown && (shown.contains(event.target) || tip.contains(event.target));
      if (inside && !clicked && event.pointerType !== "touch") later();
    },
    focusin: (event) => {
      const term = termOf(event);
      if (term?.matches(":focus-visible")) show(term);
    },
    focusout: (event) => { if (termOf(event) === shown) hide(); },
    click: (event) => {
      const term = termOf(event);
      if (!term) {
        if (!tip.contains(event.target)) hide();
        return;
      }
      event.preventDefault(); // it leads nowhere, and the address stays
      event.stopPropagation();
      if (term === shown && clicked) hide();
      else {
        show(term);
        clicked = true;
      }
    },
    keydown: (event) => {
      if (event.key !== "Escape" || !shown) return;
      event.preventDefault(); // done: it does not leave the presentation, too
      hide();
    },
    scroll: () => { if (shown) hide(); },
  };
  for (const [kind, listener] of Object.entries(listeners)) document.addEventListener(kind, listener, true);
  return () => {
    for (const [kind, listener] of Object.entries(listeners)) document.removeEventListener(kind, listener, true);
    hide();
  };
}
