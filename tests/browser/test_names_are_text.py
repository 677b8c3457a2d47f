"""Names of classes, folders, runs and people are letters on every page: none is a link, a picture, a heading, a tag."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from explorer import runs
from pages.ui.kit import navigation
from tests.browser.conftest import ROOT, end, launch
from tests.payloads import HOST, PAYLOADS, letters
from tests.runs.run_cases import spec

LIVE = """() => {
  const found = [], evil = (text) => /evil/.test(text);
  const foreign = (value) => new URL(value, location).host !== location.host; // a link of ours may name what it shows
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      for (const { name, value } of node.attributes)
        if (/^(href|src|xlink:href|on\\w+|style)$/.test(name) && evil(value) && (/^on/.test(name) || foreign(value)))
          found.push(`${node.tagName} ${name}=${value}`);
      if (/^(H3|LI|BLOCKQUOTE|CODE|EM|SCRIPT)$/.test(node.tagName) && evil(node.textContent))
        found.push(`${node.tagName} ${node.textContent}`);
      if (node.shadowRoot) look(node.shadowRoot);
    }
  };
  look(document);
  return window.evil === 1 ? [...found, "a script has run"] : found;
}"""
# what no letter makes: a link, a picture, an icon but those of a message and of what folds
FOREIGN = "a:not([href^='#term']), img, [data-testid=stIconMaterial]:not(.stAlert *, summary *)"


@pytest.fixture(scope="module")
def sinks():
    """A server of the page that shows all payloads through all sinks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "tests/browser/sinks_app.py", "--server.headless=true",
               f"--server.port={port}"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def test_every_sink_shows_letters(sinks, chromium):
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(100):
        with suppress(Exception):
            page.goto(sinks)
            break
        page.wait_for_timeout(200)
    page.get_by_text("all stand here").wait_for(timeout=60_000)
    page.locator(".unfold-chart[data-drawn]").nth(2).wait_for(timeout=60_000)
    assert page.evaluate(LIVE) == []
    wrong = []
    for kind in ("markdown", "caption", "terms", "title", "error", "button", "expander", "html"):
        for i, text in enumerate(PAYLOADS):
            place = page.locator(f".st-key-{kind}-{i}")
            if letters(text) not in letters(place.inner_text()):
                wrong.append((kind, text, place.inner_text()))
            if place.locator(
                "a:not([href^='#term']), img, [data-testid=stIconMaterial]:not(.stAlert *, summary *)"
            ).count():
                wrong.append((kind, text, place.inner_html()[:600]))
    assert wrong == []
    legend = letters(page.locator(".unfold-legend").inner_text())
    assert [text for text in PAYLOADS if letters(text) not in legend] == []
    ticks = page.locator(".unfold-chart").nth(0).locator(".ytick text").all_text_contents()
    assert {letters(text) for text in ticks} >= {letters(text) for text in PAYLOADS if text.isprintable()}
    assert not [url for url in asked if "evil" in url and "127.0.0.1" not in url]
    page.close()


SAMPLE = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """A server with a data set whose classes are called like the payloads, and with runs that are."""
    root = tmp_path_factory.mktemp("data")
    source = root / f"[link]({HOST}) # evil"
    for k, text in enumerate(PAYLOADS):
        folder = source / text.replace("/", "\N{DIVISION SLASH}")
        folder.mkdir(parents=True)
        for i in range(4):
            Image.fromarray((SAMPLE * (i + 1) + 7 * k).astype(np.uint8)).save(folder / f"{i}.png")
    server = launch(tmp_path_factory.mktemp("server"), data=root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_RUNS", str(server.runs))
        for text in PAYLOADS:
            run = runs.create(spec(dataset=source.name))
            (run.folder / "title.txt").write_text(text)
            run.update(state="failed", error=text, message=text, caveat=text)
    yield server, source.name, run.id
    end(server)


QUICK = ("data", "runs", "embeddings")  # show most names


@pytest.mark.parametrize(
    "page", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name, _, _ in navigation.TABLE]
)
def test_no_page_makes_anything_of_a_name(page, foreign, visit):
    server, name, run = foreign
    own = {"runs": f"run={run}", "embeddings": "model=pixels", "transfer": f"target={quote(name)}&model=pixels"}
    shown = visit(server, f"/{'' if page == 'home' else page}?data={quote(name)}&{own.get(page, '')}")
    assert shown.evaluate(LIVE) == []
    if page in ("data", "embeddings", "runs", "new"):
        assert "evil" in shown.inner_text("[data-testid=stMain]")
    if page == "runs":
        assert visit(server, "/runs").evaluate(LIVE) == []
