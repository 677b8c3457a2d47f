"""How long one waits for the curve of a training: until the browser has drawn its first point."""

import os
import time
from statistics import median

import pytest

from explorer import engine, runs
from tests.browser.conftest import START
from tests.browser.test_train import FORM, POINTS

pytestmark = pytest.mark.slow

TIMES = 5
GOALS = {"warm": 2.0, "cold": 8.0}  # seconds since acceptance on quiet cores; cold: nobody has started the engine yet
BUSY = 3  # times as long on a machine with other work


@pytest.mark.parametrize("mode", GOALS)
def test_the_first_curve_comes_soon(mode, server, visit):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("runs", "cache"):
            patch.setenv(f"EXPLORER_{name.upper()}", str(server.folder / name))
        waits = [waited(server, visit, mode == "cold", seed) for seed in range(TIMES + 1)][1:]
    for since, of in zip(("click", "acceptance"), zip(*waits, strict=True), strict=True):
        print(f"{mode}, since {since}: {', '.join(f'{each:.2f}' for each in of)} s, load {os.getloadavg()[0]:.1f}")
    assert median(of) <= BUSY * GOALS[mode]


def waited(server, visit, cold: bool, seed: int) -> tuple[float, float]:
    """The seconds to the first point: from the click, and from when the run exists; the training is stopped then."""
    if cold:
        engine.shutdown()
    page = visit(server, f"{FORM.format(epochs=100)}&autoencoder.train.seed={seed + 10 * cold}")
    page.wait_for_timeout(2500)  # what the page loads behind its first picture
    began = time.monotonic()
    page.get_by_role("button", name=START).click()
    page.wait_for_function(f"location.search.includes('run=') && {POINTS} > 0")
    drawn = time.monotonic()
    run = runs.get(page.url.partition("run=")[2].partition("&")[0])
    run.request_stop()
    while not run.status.final:
        time.sleep(0.1)
    page.close()
    accepted = (run.folder / "spec.json").stat().st_mtime - time.time() + time.monotonic()
    return drawn - began, drawn - accepted
