// What Streamlit's own history lacks: each page opens at its top, and one switch of page is one entry.
(() => {
  const AT_ONCE = 5000; // ms between the two entries, on a busy machine
  const SUBJECTS = ["lesson", "step", "run", "method"]; // another one of these is another page to its reader
  const push = history.pushState.bind(history);
  let passed = null; // the path whose query alone was changed last, the query, and when

  const another = (from, to) =>
    from.pathname !== to.pathname || SUBJECTS.some((name) => from.searchParams.get(name) !== to.searchParams.get(name));

  // A fault of Streamlit 1.67: st.switch_page first writes the new page's query behind the address of the page that is
  // left, as an entry of its own in the history; the browser's Back would lead there, to a page that nobody has seen.
  history.pushState = (state, title, address) => {
    const [from, to] = [new URL(location.href), new URL(address ?? location.href, location.href)];
    const switched =
      passed && passed.path === from.pathname && to.pathname !== from.pathname && to.search === passed.search &&
      performance.now() - passed.at < AT_ONCE;
    passed = to.pathname === from.pathname ? { path: to.pathname, search: to.search, at: performance.now() } : null;
    if (switched) history.replaceState(state, title, address);
    else push(state, title, address);
    if (another(from, to)) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  };
})();
