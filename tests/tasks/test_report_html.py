"""A report of a run is one page that fetches nothing; its film is that of the run's page."""

import base64
import html.parser
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from explorer import Refused, runs
from explorer.runs import Spec
from explorer.tasks.pictures import film, report
from explorer.tasks.request import request
from pages.ui.runs import frames

RUN = "digits-autoencoder"


@pytest.fixture(scope="module")
def page():
    return report.html(runs.get(RUN))


def test_a_report_has_all_parts_and_fetches_nothing(page):
    class Reader(html.parser.HTMLParser):
        fetched: list = []

        def handle_starttag(self, tag, attributes):
            values = [value or "" for name, value in attributes if name in ("src", "href", "srcset", "action", "data")]
            self.fetched += [value for value in values if not value.startswith("data:image/png;base64,")]
            assert tag not in ("link", "iframe", "object", "embed", "base")

    reader = Reader()
    reader.feed(page)
    assert not reader.fetched and not re.search(r"url\(|@import|fetch\(|https?://", page)
    assert "default-src 'none'" in page
    for words in (
        "kNN accuracy",
        "Loss (lower",
        "Scores on the test",
        "Seed",
        "raw pixels".capitalize(),
        "reconstruction",
    ):
        assert words in page, words
    assert page.count("data:image/png") > 20 and page.count("<polyline") > 3 and "{{" not in page


def test_its_film_holds_the_frames_as_they_are(page):
    told = json.loads(re.search(r'id="film">(.*?)</script>', page, re.S)[1])
    run = runs.get(RUN)
    assert told["steps"] == run.frames()
    last, made = run.frames()[-1], film.of(run)
    for step, text in zip(told["steps"], told["frames"], strict=True):
        sent = np.frombuffer(base64.b64decode(text), "<i2").reshape(-1, 2) / 10_000
        assert np.abs(sent - np.clip(made.coords[step], -0.5, 1.5)).max() < 1e-4
        own = frames.coordinates(RUN, step, last)
        ratio = np.ptp(own, 0) / np.ptp(made.coords[step], 0)
        assert np.allclose(ratio * made.coords[step] - (ratio * made.coords[step])[0], own - own[0], atol=1e-4)
        assert np.allclose(
            ratio, np.ptp(frames.coordinates(RUN, last, last), 0) / np.ptp(made.coords[last], 0), rtol=1e-3
        )


def test_a_title_cannot_break_out_of_a_report():
    run = runs.create(Spec(kind="train", title="</script><b>{{film}}", method="simclr", dataset="unknown"))
    z, y = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float16), np.arange(9) % 2
    run.write_frame(0, features=z, rows=np.arange(9), y=y)
    run.update(state="done", step=1, steps=1)
    page = report.html(run)
    assert "<b>" not in page and "&lt;/script&gt;&lt;b&gt;{{film}}" in page
    assert page.count("</script>") == 2


@pytest.mark.parametrize(("labels", "repeats"), [((0, 2), False), (range(12), True), ((1, 11), True)])
def test_a_report_and_a_film_say_which_colour_is_which_class(labels, repeats):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="unknown"))
    y = np.resize(list(labels), 30)
    run.write_frame(0, features=np.random.default_rng(0).normal(size=(30, 4)), rows=np.arange(30), y=y)
    run.update(state="done", step=1, steps=1)
    for page in (report.html(run), report.film_page(run)):
        legend = re.findall(r'<i style="background:rgb\((.*?)\)"></i>(.*?)</span>', page)
        colours = [", ".join(map(str, film.COLOURS[label % len(film.COLOURS)])) for label in labels]
        assert legend == [(colour, f"class {label}") for colour, label in zip(colours, labels, strict=True)]
        assert ("some share one" in page) == repeats


def test_a_film_is_a_gif_of_all_frames():
    with Image.open(io.BytesIO(film.gif(runs.get(RUN)))) as made:
        assert made.n_frames == len(runs.get(RUN).frames())
        first = np.asarray(made.convert("RGB")).astype(int)
        made.seek(made.n_frames - 1)
        assert (np.abs(np.asarray(made.convert("RGB")).astype(int) - first).sum(2) > 60).sum() > 500


def test_what_has_no_frames_or_goes_on_has_no_report():
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    with pytest.raises(Refused, match="is queued: stop it"):
        request("report_html", run.id)
    run.update(state="done")
    with pytest.raises(Refused, match="has no frames to show"):
        film.of(run)
