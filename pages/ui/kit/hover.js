// One tooltip for the whole page; it belongs to the chart that spoke last.
function tooltip() {
  let tip = document.getElementById("unfold-tip");
  if (tip) return tip;
  tip = document.createElement("div");
  tip.id = "unfold-tip";
  tip.setAttribute("role", "tooltip");
  tip.append(document.createElement("img"), document.createElement("span"));
  document.body.appendChild(tip);
  return tip;
}

export default function ({ data, parentElement, setStateValue }) {
  const tip = tooltip();
  const [image, caption] = tip.children;
  const host = parentElement.host || parentElement;

  const idOf = (point) => (Array.isArray(point.customdata) ? point.customdata[0] : point.customdata);

  const show = (event) => {
    const point = event.points[0];
    const id = idOf(point);
    if (id == null) return;
    const style = getComputedStyle(host);
    tip.style.setProperty("--tip-back", style.getPropertyValue("--st-background-color"));
    tip.style.setProperty("--tip-text", style.getPropertyValue("--st-text-color"));
    tip.style.setProperty("--tip-line", style.getPropertyValue("--st-border-color"));
    const address = data.url.replace("{id}", id);
    if (image.getAttribute("src") !== address) image.src = address;
    image.style.width = image.style.height = data.px + "px";
    image.alt = "";
    caption.textContent = data.captions[id] ?? `#${id}` + (point.data.name ? ` · ${point.data.name}` : "");
    tip.style.display = "block";
    const at = event.event || { clientX: 0, clientY: 0 };
    const box = tip.getBoundingClientRect();
    const right = at.clientX + 18 + box.width < innerWidth;
    tip.style.left = (right ? at.clientX + 18 : at.clientX - 18 - box.width) + "px";
    tip.style.top = Math.max(8, Math.min(innerHeight - box.height - 8, at.clientY - box.height / 2)) + "px";
  };
  const hide = () => { tip.style.display = "none"; };
  const click = (event) => {
    const id = event.points?.length ? idOf(event.points[0]) : null;
    if (id != null) setStateValue("clicked", id);
  };
  const listeners = { plotly_hover: show, plotly_unhover: hide, plotly_click: click };

  // A chart that is drawn anew gets a new emitter, and `on` is bound to it: its change tells.
  let chart = null;
  let emitter = null;
  const detach = () => {
    if (chart?.removeListener && chart.on === emitter) {
      for (const [name, listener] of Object.entries(listeners)) chart.removeListener(name, listener);
    }
    chart = emitter = null;
  };
  const attach = () => {
    const found = document.querySelector(`.st-key-${CSS.escape(data.key)} .js-plotly-plot`);
    if (!found?.on || (found === chart && found.on === emitter)) return;
    detach();
    chart = found;
    emitter = found.on;
    for (const [name, listener] of Object.entries(listeners)) chart.on(name, listener);
  };

  let waiting = 0;
  const later = () => { waiting ||= requestAnimationFrame(() => { waiting = 0; attach(); }); };
  const watcher = new MutationObserver(later);
  watcher.observe(document.body, { childList: true, subtree: true });
  attach();
  return () => { watcher.disconnect(); cancelAnimationFrame(waiting); detach(); hide(); };
}
