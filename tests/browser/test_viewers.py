"""What a live page costs: thirty viewers of one training take at most 30 % of a core of the server, and all see it.

On a machine that is busy with other things they see new things less often, but nobody sees none.
"""

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise

import psutil
import pytest

from explorer import engine
from explorer.tasks.training import request
from tests.browser.viewers import Viewer

MOST = 0.010  # of a core of the server for each of thirty viewers
SECONDS, WARM = 20, 8  # that are measured, and before
LATE = 15  # seconds within which everybody sees something new, on a busy machine too


@pytest.fixture
def run(server):
    """A real training that goes on."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("runs", "cache", "data"):
            patch.setenv(f"EXPLORER_{name.upper()}", str(server.folder / name))
        run = engine.submit(request.train("simclr", "digits", {}, {"epochs": 1000}))
        while not run.metrics():
            time.sleep(0.2)
        yield run
        assert not run.status.final, "it ended too early"
        run.request_stop()


async def measured(server, run, n: int) -> tuple[float, list[Viewer]]:
    """The share of a core that the server takes while `n` viewers look at a run; they come one after another."""
    viewers, looking = [Viewer(server.url, "runs", f"run={run.id}") for _ in range(n)], []
    for viewer in viewers:
        looking.append(asyncio.create_task(viewer.look()))
        await asyncio.sleep(0.2)
    async with asyncio.timeout(120):
        while not all(viewer.news for viewer in viewers):
            assert not any(task.done() for task in looking), "a viewer was turned away"
            await asyncio.sleep(0.2)
    await asyncio.sleep(WARM)
    process, start = psutil.Process(server.process.pid), time.monotonic()
    before, counts = sum(process.cpu_times()[:2]), [(viewer.looks, viewer.runs) for viewer in viewers]
    await asyncio.sleep(SECONDS)
    end = time.monotonic()
    share = (sum(process.cpu_times()[:2]) - before) / (end - start)
    for viewer, (looks, runs) in zip(viewers, counts, strict=True):
        viewer.news = [start, *(t for t in viewer.news if start < t < end), end]
        viewer.drawn = [t for t in viewer.drawn if start < t < end]
        viewer.looks, viewer.runs = viewer.looks - looks, viewer.runs - runs
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    return share, viewers


def in_a_thread(work):
    """What some asynchronous work returns: this thread may have a loop of its own, for browsers."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def waits(viewer: Viewer) -> float:
    """The longest time in which a viewer saw nothing new, from the start of the measurement to its end."""
    return max(b - a for a, b in pairwise(viewer.news))


@contextmanager
def busy(processes: int):
    """So many processes that compute without end."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in spinning:
            with suppress(OSError):
                process.kill()
            process.wait()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [1, 10, 30])
def test_viewers_of_a_live_page_cost_little(n, server, run):
    share, viewers = in_a_thread(measured(server, run, n))
    looks, runs = sum(it.looks for it in viewers), sum(it.runs for it in viewers)
    late = max(map(waits, viewers))
    print(f"{n} viewers: {share:.1%} of a core, {1000 * share / n:.1f} ms for each viewer and second,", end=" ")
    drawn = sum(len(it.drawn) for it in viewers)
    print(f"{looks} looks, {runs} runs and {drawn} figures, nothing new for at most {late:.1f} s")
    assert all(it.drawn for it in viewers), "everybody sees a new figure"
    assert n < 30 or share <= 30 * MOST


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_on_a_busy_machine_every_viewer_sees_something_new_all_the_same(server, run):
    with busy(4 * (psutil.cpu_count() or 1)):
        share, viewers = in_a_thread(measured(server, run, 30))
    late = [waits(it) for it in viewers]
    print(f"30 viewers on a busy machine: {share:.1%} of a core, nothing new for at most {max(late):.1f} s")
    assert max(late) <= LATE
