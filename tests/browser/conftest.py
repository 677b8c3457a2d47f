"""A real server and a real Chromium. A request that leaves the machine, or a traceback, fails a test."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from explorer import engine, runs
from pages.ui.kit import navigation

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000  # ms: a busy machine with two cores is slow, not wrong
QUIET = [  # what keeps Chromium from talking to anybody but the server
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALLED = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first draws no window
START = re.compile("^(play_circle )?Start training")  # how long it will take may stand behind it
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what was on its pages, as text and as a picture."""
    report = yield
    if report.when == "call" and report.failed:
        for i, page in enumerate(getattr(item, "pages", ())):
            with suppress(Exception):
                path = item.config.rootpath / ".pytest_cache" / f"{item.name[:80].replace('/', '-')}-{i}.png"
                page.screenshot(path=path)
                report.sections.append((f"page {i}", f"{page.url}\n{path}\n{page.inner_text('body')[:4000]}"))
    return report


@dataclass
class Server:
    """A running server, its folders and its process."""

    url: str
    folder: Path
    process: subprocess.Popen

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    @property
    def runs(self) -> Path:
        return self.folder / "runs"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(url: str) -> bool:
    with suppress(OSError):
        return urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).status == 200
    return False


def launch(folder: Path, data: Path | None = None, port: int = 0, **more: str) -> Server:
    """A server with runs, cache and data of its own; `data` names another data folder, `port` the one to listen at."""
    for name in ("runs", "cache", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folders = {"RUNS": folder / "runs", "CACHE": folder / "cache", "DATA": data or folder / "data"}
    env = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        **{f"EXPLORER_{key}": str(path) for key, path in folders.items()},
        **more,
    }
    port = port or _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", folder, process)
    deadline = time.monotonic() + PATIENCE / 1000
    while not _answers(server.url):
        assert process.poll() is None, server.log
        assert time.monotonic() < deadline, f"no answer: {server.log}"
        time.sleep(0.1)
    return server


def end(server: Server) -> None:
    """Stop the server and the engine that its visitors may have started."""
    server.process.terminate()
    server.process.wait(timeout=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_RUNS", str(server.runs))
        engine.shutdown()


@pytest.fixture
def start_server(tmp_path_factory):
    """A function that starts fresh servers: `start_server(data=…, EXPLORER_SLOTS="2")`."""
    servers = []

    def start(data: Path | None = None, **more: str) -> Server:
        servers.append(launch(tmp_path_factory.mktemp("server"), data, **more))
        return servers[-1]

    yield start
    for server in servers:
        end(server)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """One server, and with it one engine, for all files: torch is imported once."""
    server = launch(tmp_path_factory.mktemp("server"))
    yield server
    end(server)


@pytest.fixture(scope="module")
def server(shared_server):
    """The server without the runs of the file before."""
    yield shared_server
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_RUNS", str(shared_server.runs))
        for run in reversed(runs.unfinished()):
            run.request_stop()
        for run in runs.listing(kind=None, shipped=False):
            with run.lock(wait=30):
                shutil.rmtree(run.folder)


@pytest.fixture(scope="session")
def chromium_path():
    """CHROMIUM, else one that is installed, else None: Playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, INSTALLED)), None)


@pytest.fixture(scope="session")
def chromium(chromium_path):
    """The browser of all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, request):
    """A function that opens a page and waits until it stands: `visit(server, "/data?data=shapes", scheme="dark")`."""
    contexts, pages, outside = [], [], []
    request.node.pages = []

    def watch(request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            outside.append(request.url)

    def open_page(server: Server, path: str = "/", scheme: str = "light", width: int = 1440, height: int = 900) -> Page:
        context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE)
        context.on("request", watch)
        page = context.new_page()
        contexts.append(context)
        pages.append((page, server, len(server.log)))
        request.node.pages.append(page)
        page.goto(server.url + path)
        settled(page)
        return page

    yield open_page
    for page, server, before in pages:
        assert page.is_closed() or "Traceback" not in page.inner_text("body")
        assert "Traceback" not in (said := server.log[before:]), said
    assert not outside, f"requests left this machine: {outside}"
    for context in contexts:
        context.close()


def turn_to(page: Page, title: str) -> None:
    """Go to another page by the navigation: open its group, click its title."""
    group = next(name for name, entries in navigation.GROUPS.items() if title in [entry[1] for entry in entries])
    page.locator("[data-testid=stTopNavSection]", has_text=group).click()
    page.locator("[data-testid=stTopNavDropdownLink]", has_text=title).click()


def start(page: Page) -> str:
    """Press the button of the form; returns the id of the run that is shown then."""
    button, before = page.get_by_role("button", name=START), page.url
    button.click()
    page.wait_for_function("before => location.href !== before && location.search.includes('run=')", arg=before)
    settled(page)
    return page.url.partition("run=")[2].partition("&")[0]


def settled(page: Page) -> None:
    """Wait until the script of the page has run; call it after every click."""
    page.wait_for_timeout(300)  # a click reaches the server before its script starts
    page.wait_for_selector(IDLE, timeout=PATIENCE)
