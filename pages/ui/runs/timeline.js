// Presses the play button that a figure with frames brings along, as soon as it is drawn; once for each token.
export default function ({ data }) {
  const played = (window.unfoldPlayed ??= new Set());
  if (played.has(data.token)) return;
  const until = performance.now() + 20000;
  let waiting = 0;
  const press = () => {
    const button = document.querySelector(`.st-key-${CSS.escape(data.key)} .updatemenu-button`);
    if (button) {
      played.add(data.token);
      button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    } else if (performance.now() < until) waiting = requestAnimationFrame(press);
  };
  press();
  return () => cancelAnimationFrame(waiting);
}
