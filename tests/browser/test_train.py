"""Training in a browser: a real engine trains the digits; the curve grows, scores appear, and it can be stopped."""

import json

import pytest

from tests.browser.conftest import START, settled, start

FORM = "/new?data=digits&method=autoencoder&autoencoder.train.epochs={epochs}"
LONG = "/new?method=simclr&data=shapes&simclr.train.epochs=1000"  # it does not end before it is stopped
POINTS = "(document.querySelector('.st-key-loss .js-plotly-plot')?.calcdata?.[0]?.length ?? 0)"
STANDS = "(document.querySelector('.st-key-head')?.innerText ?? '')"


def status(server, run: str) -> dict:
    return json.loads((server.runs / run / "status.json").read_bytes())


def wait_until(page, *words: str) -> None:
    """Wait until the line above the curves says all of this."""
    page.wait_for_function(f"words => words.every(word => {STANDS}.includes(word))", arg=list(words))


def test_the_curve_grows_while_it_learns_and_scores_appear(server, visit):
    page = visit(server, FORM.format(epochs=160))
    run = start(page)
    page.wait_for_function(f"{POINTS} > 1 && {STANDS}.includes('running')")
    first = page.evaluate(POINTS)
    page.wait_for_function(f"before => {POINTS} > before && {STANDS}.includes('running')", arg=first)
    assert "images/s" in page.evaluate(STANDS)
    page.get_by_text("Scores on the").wait_for()
    page.wait_for_function("!document.querySelector('.st-key-head')")
    assert status(server, run)["state"] == "done"
    assert "on 359 test images" in page.inner_text("[data-testid=stMain]")
    assert page.get_by_role("slider", name="Frame at step").get_attribute("aria-valuetext") == "1280"
    assert page.locator(".st-key-gallery img").count() > 16


@pytest.mark.parametrize("wait", [0, 100, 300])
def test_what_the_server_has_just_set_is_what_starts(wait, server, visit):
    """Whoever takes more epochs and starts before the browser has drawn them trains that many."""
    page = visit(server, FORM.format(epochs=2))
    page.get_by_text("Take 38 epochs").wait_for()
    page.evaluate(
        """async wait => {
            const press = key => document.querySelector(`.st-key-${key} button`).click();
            press("more-epochs");
            await new Promise(done => setTimeout(done, wait));
            press("train-now");
        }""",
        wait,
    )
    page.wait_for_url("**run=*")
    run = page.url.partition("run=")[2].partition("&")[0]
    assert json.loads((server.runs / run / "spec.json").read_bytes())["train"]["epochs"] == 38


def test_a_frame_in_the_address_is_shown(server, visit):
    page = visit(server, "/runs?run=digits-simclr&frame=0")
    page.get_by_text("step 0", exact=False).first.wait_for()
    assert page.get_by_role("slider", name="Frame at step").get_attribute("aria-valuetext") == "0"


def test_runs_wait_in_line_and_can_be_stopped_waiting_or_running(server, visit):
    page = visit(server, LONG)
    first = start(page)
    other = page.context.new_page()  # the same training in two tabs
    other.goto(f"{server.url}/runs?run={first}")
    settled(other)
    page = visit(server, FORM.format(epochs=999))  # the very same again would only show the first
    second = start(page)
    wait_until(page, "in the queue")
    page.get_by_role("button", name="Stop", exact=True).click()
    wait_until(page, "stopped", "before it started")

    wait_until(other, "running", "epoch")
    other.get_by_role("button", name="Stop", exact=True).click()
    wait_until(other, "stopped", "at step")
    assert [status(server, run)["state"] for run in (first, second)] == ["stopped", "stopped"]


@pytest.mark.parametrize(
    ("hyperparameters", "says"),
    [
        ("new?autoencoder.train.lr=0", ["Learning rate 0.0 is not allowed"]),
        (
            "new?autoencoder.train.epochs=99999",
            ["Epochs 99999 is not allowed: input should be less than or equal"],
        ),
        ("new?data=x&from=nothing", ["data=x (shown instead: Garments). There is no run 'nothing' here to clone"]),
    ],
)
def test_an_impossible_address_gives_a_sentence(hyperparameters, says, server, visit):
    page = visit(server, f"/{hyperparameters}")
    page.get_by_text("Hyperparameters of Autoencoder").wait_for()
    settled(page)
    alerts = page.locator("[data-testid=stAlert]").all_inner_texts()
    assert len(alerts) == len(says)
    assert all(words in alert for words, alert in zip(says, alerts, strict=True))
    assert "from=" not in page.url
    assert page.get_by_role("button", name=START).is_disabled() == ("not allowed" in says[0])


def test_a_failed_training_says_why_in_one_sentence(server, visit):
    folder = server.runs / "autoencoder-digits-failed"
    folder.mkdir(parents=True)
    spec = {"kind": "train", "title": "Too fast", "dataset": "digits", "method": "autoencoder"}
    (folder / "spec.json").write_text(json.dumps(spec))
    status = {"state": "failed", "error": "loss became inf at step 7: lower lr", "caveat": "not bit-exact: torch 1 → 2"}
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "log.txt").write_text("reading Digits\nlost at step 7\n")
    page = visit(server, "/runs?run=autoencoder-digits-failed")
    said = ["error\n\nLoss became inf at step 7: lower lr.", "warning\n\nNot bit-exact: torch 1 → 2."]
    assert page.locator("[data-testid=stAlert]").all_inner_texts() == said
    page.locator(".st-key-head", has_text="Clone with changes").wait_for()
    page.get_by_text("The end of its log").click()
    page.get_by_text("lost at step 7").wait_for()
