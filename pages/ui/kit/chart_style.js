// The style of the charts, fetched once for all charts of a page.
export const style = (window.unfoldChartStyle ??= new Promise((done) => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL("chart.css", import.meta.url).href, onload: done, onerror: done });
  document.head.append(link);
}));
