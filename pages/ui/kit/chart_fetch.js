// What the server keeps for a while only: what it has dropped comes back with the next run of the page, which is asked
// for once; until it is there, the address is tried a few times.
const WAITS = [250, 500, 1000, 2000, 4000]; // milliseconds before each further try

// The answer of an address that the chart still wants; null if there is none.
export async function fetched(chart, address, wanted) {
  for (const wait of [...WAITS, 0]) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) chart.missing.delete(address);
    if (answer?.ok || !wait) return answer?.ok ? answer : null;
    if (answer && !chart.missing.has(address)) chart.ask("missing", address);
    if (answer) chart.missing.add(address);
    await new Promise((done) => setTimeout(done, wait));
    if (!chart.root.isConnected || !wanted()) return null;
  }
}
