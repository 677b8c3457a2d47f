// The clock of a part of a page: looks at an address that is the same for all browsers, puts its charts and words in
// their places, and has the part drawn again when something else has changed; without an address, at every look.
const HIDDEN = 60_000; // milliseconds between two looks of a tab that nobody sees
const LONGEST = 30_000; // at least so often is the part drawn again; so long is an answer waited for
const SHARE = 10; // of the time a tenth is spent on drawing the part again,
const BURST = 1_000; // which may be saved up: a training that begins changes often
const AWAY = 10; // a server that does not answer is asked less and less often, up to a tenth as often

const live = (window.unfoldLive ??= {}); // the newest figures of charts, by name

class Watch {
  constructor(root) {
    Object.assign(this, { root, took: 0, asked: 0, failed: 0, names: [], saved: BURST, savedAt: performance.now() });
    this.onShown = () => document.hidden || this.look();
    document.addEventListener("visibilitychange", this.onShown);
  }

  update({ data, setTriggerValue }) {
    const [now, first] = [performance.now(), !this.data];
    if (this.data?.address !== data.address) {
      this.release();
      this.every = undefined;
    }
    if (this.data?.answer !== data.answer) {
      if (this.failed) this.release(); // what is drawn now is newer than what the last look brought
      if (this.asked) this.took = now - this.asked;
      [this.answered, this.asked] = [now, 0];
    }
    this.data = data;
    this.ask = () => setTriggerValue("due", Date.now());
    if (first) this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    const pace = 1000 * (this.every ?? this.data.every) * Math.min(AWAY, 2 ** this.failed);
    this.timer = setTimeout(() => this.look(), document.hidden ? Math.max(HIDDEN, pace) : pace);
  }

  async look() {
    if (this.looking || !this.root.isConnected) return;
    this.looking = true;
    try {
      const changed = this.data.address ? await this.changed(this.data.address) : true;
      if (this.root.isConnected) this.askIfDue(changed);
    } catch (error) {
      console.warn("unfold: an answer is not shown", error);
    } finally {
      this.looking = false;
      if (this.root.isConnected) this.wait();
    }
  }

  askIfDue(changed) {
    const now = performance.now();
    this.saved = Math.min(BURST, this.saved + (now - this.savedAt) / SHARE);
    this.savedAt = now;
    const affordable = this.saved >= Math.min(BURST, this.took);
    if (now - (this.asked || this.answered) > LONGEST || (changed && !this.asked && affordable)) {
      this.asked = now;
      this.saved -= this.took;
      this.ask();
    }
  }

  // Whether there is something new besides charts and words: a run that is gone, too.
  async changed(address) {
    const answer = await fetch(address, { signal: AbortSignal.timeout(LONGEST) }).catch(() => null);
    if (answer?.status === 404) return true;
    const now = answer?.ok ? await answer.json().catch(() => null) : null;
    this.failed = now ? 0 : this.failed + 1;
    if (!now || !this.root.isConnected || address !== this.data.address) return false;
    this.every = now.every;
    this.show(now);
    if (now.server && now.server !== this.data.server) this.reload(now.server);
    return now.stamp !== this.data.stamp;
  }

  // A server that was started again does not know the parts of this page; it is opened anew, once for each start.
  reload(server) {
    if (sessionStorage.unfoldServer === server) return;
    sessionStorage.unfoldServer = server;
    location.reload();
  }

  show({ charts, words }) {
    this.forget();
    this.names = Object.keys(charts);
    Object.assign(live, charts);
    dispatchEvent(new Event("unfold-live"));
    for (const node of document.querySelectorAll("[data-live]")) {
      const text = words[node.dataset.live];
      if (typeof text === "number") node.value = text;
      else if (text !== undefined && node.textContent !== text) node.textContent = text;
    }
  }

  forget() {
    for (const name of this.names) delete live[name];
    this.names = [];
  }

  // What the page has drawn last is the newest again.
  release() {
    this.forget();
    dispatchEvent(new Event("unfold-live"));
  }

  end() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onShown);
    this.release();
  }
}

export function watch(component) {
  const root = component.parentElement.querySelector("i");
  const one = (root.unfold ??= new Watch(root));
  one.update(component);
  return () => setTimeout(() => root.isConnected || one.end());
}
