// Presenter mode is a class on the root of the document; the tab's storage keeps it, the address may ask for it.
const NAME = "unfold-present";
const FIELDS = "input, textarea, select, [contenteditable=true], [role=textbox], [role=slider]";
const OVERLAYS = "[role=dialog], [role=menu], [role=listbox], [data-testid=stPopoverBody], [data-testid=stFullScreenFrame] button[aria-label='Close fullscreen']";
const SCREEN = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 4h18v12H3zM8 20h8M12 16v4" /></svg>';

const root = document.documentElement;
const on = () => root.classList.contains(NAME);

function set(value) {
  root.classList.toggle(NAME, value);
  sessionStorage.setItem(NAME, value ? "1" : "");
  const address = new URL(location.href);
  if (!value && address.searchParams.has("present")) {
    address.searchParams.delete("present");
    history.replaceState(history.state, "", address);
  }
  place();
  requestAnimationFrame(() => dispatchEvent(new Event("resize"))); // charts measure their place anew
}

function button() {
  const made = document.createElement("button");
  made.id = `${NAME}-button`;
  made.type = "button";
  made.title = "Larger type, full width, no controls (key P)";
  made.innerHTML = `${SCREEN}<span></span>`;
  made.onclick = () => set(!on());
  return made;
}

// The header is Streamlit's: whenever it is drawn anew, the button goes back to its end.
function place() {
  const header = document.querySelector("[data-testid=stToolbar]");
  const it = document.getElementById(`${NAME}-button`) ?? button();
  if (header && header.lastElementChild !== it) header.append(it);
  const words = on() ? "Leave presentation" : "Present";
  if (it.lastElementChild.textContent !== words) it.lastElementChild.textContent = words;
}

// On a phone the menu covers the page: it goes once a page is chosen.
function leaveMenu(event) {
  if (innerWidth > 768 || !event.target.closest?.("[data-testid=stSidebarNavLink]")) return;
  setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
}

function typed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && on() && !document.querySelector(OVERLAYS)) set(false);
  if (event.key.toLowerCase() === "p" && !event.target.closest?.(FIELDS)) set(!on());
}

export default function () {
  const asked = new URLSearchParams(location.search).get("present") === "1";
  root.classList.toggle(NAME, asked || sessionStorage.getItem(NAME) === "1");
  if (asked) sessionStorage.setItem(NAME, "1");
  let waiting = 0;
  const tidy = () => { waiting = 0; place(); };
  const watcher = new MutationObserver(() => { waiting ||= requestAnimationFrame(tidy); });
  watcher.observe(document.body, { childList: true, subtree: true });
  addEventListener("keydown", typed);
  addEventListener("click", leaveMenu);
  tidy();
  return () => {
    watcher.disconnect();
    cancelAnimationFrame(waiting);
    removeEventListener("keydown", typed);
    removeEventListener("click", leaveMenu);
  };
}
