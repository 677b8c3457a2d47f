// What Streamlit's own history lacks: each page opens at its top, and an entry stands for something that the visitor did.
(() => {
  // Another one of these is another page to its reader; in a form, another method is not.
  const SUBJECTS = { "/lessons": ["lesson", "step"], "/runs": ["run"], "/methods": ["method"] };
  const push = history.pushState.bind(history);
  let acted = false; // whether there was an input since the last entry

  const another = (from, to) =>
    from.pathname !== to.pathname ||
    (SUBJECTS[to.pathname] ?? []).some((name) => from.searchParams.get(name) !== to.searchParams.get(name));

  // Faults of Streamlit 1.67: it makes several entries of one switch of page, and one of each default that a widget
  // takes out of the address; the browser's Back would lead to pages that nobody has seen, or out of none.
  history.pushState = (state, title, address) => {
    const [from, to] = [new URL(location.href), new URL(address ?? location.href, location.href)];
    if (acted) push(state, title, address);
    else history.replaceState(state, title, address);
    acted = false;
    if (another(from, to)) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  };
  // A screen reader clicks without pointer and key.
  for (const input of ["pointerdown", "keydown", "click"]) addEventListener(input, () => (acted = true), true);
  addEventListener("popstate", () => (acted = false), true);
})();
