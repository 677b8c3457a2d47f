"""Several browsers, one queue: who is who, who comes next, and what can be done with a run that has ended."""

import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from explorer import runs
from pages.ui.kit import identity
from tests.browser.conftest import START, settled
from tests.browser.test_shell import get

FORM = "/new?data=digits&method=autoencoder&autoencoder.train.epochs={}"
HEAD = "(document.querySelector('.st-key-head')?.innerText ?? '')"


@pytest.fixture
def work(server, monkeypatch):
    """The runs of the server's folder; those that have not ended are stopped afterwards."""
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    yield server.runs
    for run in reversed(runs.unfinished()):
        run.request_stop()


def name(page) -> str:
    """The browser's cookie."""
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == identity.COOKIE)


def user(page) -> str:
    """What stands in the runs that this browser asks for."""
    return sha256(f"unfold {name(page)}".encode()).hexdigest()[:16]


def train(page, button: str | re.Pattern = START):
    """Press the button; returns the run that the page shows then."""
    before = page.url
    page.get_by_role("button", name=button).click()
    return shown(page, before)


def shown(page, before: str):
    """The run that the page has gone on to."""
    page.wait_for_function("before => location.href !== before && location.search.includes('run=')", arg=before)
    settled(page)
    return runs.get(page.url.partition("run=")[2].partition("&")[0])


def wait_until(page, *words: str) -> None:
    """Wait until the line above the curves says all of this."""
    page.wait_for_function(f"words => words.every(word => {HEAD}.includes(word))", arg=list(words))


def choose(page, hyperparameter: str) -> None:
    """Choose the hyperparameter of a set."""
    page.get_by_role("combobox", name="Vary").click()
    page.get_by_role("option", name=hyperparameter, exact=True).click()
    settled(page)


def queued(who: str, epochs: int):
    """A training that waits, as a browser would have asked for it."""
    train = {"epochs": epochs, "encoder": "mlp"}
    spec = runs.Spec(kind="train", title=f"{epochs} epochs", dataset="digits", method="autoencoder", train=train)
    return runs.create(spec.model_copy(update={"user": who}))


def test_each_browser_has_a_name_and_its_place_in_the_queue(server, visit, work):
    mine, addresses = visit(server, FORM.format(1000)), []
    first = train(mine)
    tab = mine.context.new_page()
    mine.goto("about:blank")  # what nobody looks at asks for nothing
    tab.on("request", lambda request: addresses.append(request.url))
    tab.on("websocket", lambda socket: addresses.append(socket.url))
    tab.goto(server.url + FORM.format(999))
    settled(tab)
    second = train(tab)
    other = visit(server, FORM.format(998))
    third = train(other)
    assert first.spec.user == second.spec.user == user(tab) != third.spec.user == user(other)
    assert not any(secret in url for url in [*addresses, tab.url] for secret in (name(tab), user(tab)))
    assert name(tab) not in "".join(path.read_text() for path in work.glob("*/spec.json"))

    for who, epochs in ((tab, 997), (other, 996)):
        queued(user(who), epochs)
    tab.get_by_text("Queue: 4 trainings waiting").click()
    rows = tab.locator(".st-key-queue [class*=st-key-waits-]")
    rows.nth(3).wait_for()
    assert ["yours" if "yours" in row else "another" for row in rows.all_inner_texts()] == ["another", "yours"] * 2
    assert tab.locator(".st-key-queue [class*=st-key-leave-]").count() == 2  # each stops its own
    wait_until(tab, "2nd in the queue")
    for i in range(20 - 2):
        queued(user(tab), 900 - i)
    tab.goto(server.url + FORM.format(999))
    assert train(tab).id == second.id, "the form asks for what waits already: it is shown"
    tab.goto(server.url + FORM.format(999))
    tab.get_by_label("Epochs", exact=True).fill("7")
    tab.get_by_label("Epochs", exact=True).press("Enter")
    settled(tab)
    tab.get_by_role("button", name=START).click()
    tab.locator("[data-testid=stAlert]", has_text="20 are allowed").wait_for()
    assert tab.get_by_text("Hyperparameters of Autoencoder").count() == 1  # the rest of the page stands
    tab.close()  # the other of its browser's two pages stays

    other.goto(f"{server.url}/runs?run={first.id}")
    other.get_by_role("button", name="Stop").first.click()
    other.get_by_text(" started this run.").wait_for()
    assert not first.stop_requested()
    other.get_by_text("Stop it anyway").click()
    wait_until(other, "stopped", "at step")
    other.goto(f"{server.url}/runs")
    other.get_by_text("Runs of other users on this machine (21)").wait_for()


def test_a_stopped_run_is_continued_to_its_end(server, visit, work):
    page = visit(server, FORM.format(600))
    first = train(page)
    wait_until(page, "running", "epoch")
    page.get_by_role("button", name="Stop", exact=True).click()
    wait_until(page, "stopped", "at step", "of 4,800, kept")
    step = first.status.step
    assert 0 < step < 4800
    child = train(page, "Continue")
    assert (child.spec.parent, child.spec.relation) == (first.id, "continue")
    page.locator(".st-key-origin", has_text=f"from step {step:,}").wait_for()
    page.get_by_text("Scores on the").wait_for()
    page.wait_for_function("!document.querySelector('.st-key-head')")
    assert (child.status.step, child.status.state, first.status.state) == (4800, "done", "stopped")
    assert page.get_by_role("slider", name="Frame at step").get_attribute("aria-valuetext") == "4800"


def test_a_clone_says_which_hyperparameters_are_others(server, visit, work):
    page = visit(server, "/runs?run=digits-autoencoder")
    page.get_by_text("Clone with changes").click()
    page.locator(".st-key-clone", has_text="The same as").wait_for()
    assert "from=digits-autoencoder" in page.url
    seed = page.get_by_label("Seed", exact=True)
    seed.fill("5")
    seed.press("Enter")
    page.locator(".st-key-clone", has_text="seed 0 → 5").wait_for()
    form = page.url
    run = train(page)
    assert (run.spec.parent, run.spec.relation, run.spec.seed) == ("digits-autoencoder", "clone", 5)
    page.locator(".st-key-origin", has_text="seed 0 → 5").wait_for()
    page.goto(form)
    page.locator(".st-key-forget button:visible").first.click()
    page.wait_for_function("!location.search.includes('from=')")


def test_several_seeds_are_trained_compared_and_exported(server, visit, work):
    page = visit(server, FORM.format(1))
    page.get_by_text("Hyperparameters of Autoencoder").wait_for()
    settled(page)
    page.get_by_role("button", name="Train several").click()
    choose(page, "Latent")
    values = page.get_by_label("Values", exact=True)
    values.fill("3, x")
    values.press("Enter")
    page.locator("[data-testid=stAlert]", has_text="'x' is not a number").wait_for()
    choose(page, "Seed")
    page.get_by_label("Trainings", exact=True).fill("2")
    page.get_by_label("Trainings", exact=True).press("Enter")
    run = train(page, "Train 2")
    found = [it for it in runs.listing("train", shipped=False) if it.spec.group == run.spec.group]
    assert run.spec.group
    assert sorted(it.spec.seed for it in found) == [0, 1]
    page.locator(".st-key-set", has_text="n = 2").wait_for()
    assert page.locator(".st-key-set", has_text="±").count() == 1
    page.wait_for_function("document.querySelector('.st-key-set-knn .js-plotly-plot')?._fullData?.length === 2")

    page.get_by_role("button", name="Export").click()
    link = page.locator("a.unfold-download[href*='/result/']")
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as packed:
        assert packed.testzip() is None
        assert {"reproduce.py", "scores.json"} <= {name.rpartition("/")[2] for name in packed.namelist()}
    kept = link.get_attribute("href")
    job, file = kept.split("/")[2:]
    assert get(server.url + kept)[0] == 200
    for path in (f"{job}/spec.json", f"{job}/..%2f{run.id}%2fspec.json", f"{run.id}/{file}", f"..%2f{job}/{file}", "x"):
        assert get(f"{server.url}/result/{path}")[0] in (400, 404), path  # Streamlit itself refuses some


def test_features_are_downloaded_as_an_archive_of_arrays(server, visit):
    page = visit(server, "/embeddings?data=digits&model=digits-autoencoder&maps=PCA")
    page.get_by_role("button", name="Features (.npz)").click()
    link = page.locator("a.unfold-download[href*='/result/']")
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    with np.load(download.value.path()) as stored:
        assert len(stored["features"]) == len(stored["y"]) == len(stored["rows"]) == 359
    assert json.loads(next(server.runs.glob("embed-*/status.json")).read_bytes())["state"] == "done"
