"""Several trainings on one slider: their maps are laid on each other once, and their moments are those of the share."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from explorer import runs
from explorer.runs import Spec
from pages.ui.kit import scrubber
from pages.ui.runs import frames, moments, timeline, together


def run_of(frames_by_step, steps, rows=None, dataset="unknown", hash="a", size=0, labels=0):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset=dataset, train={"size": size}))
    run.append({"step": 0, "data": hash})
    for step, z in frames_by_step.items():
        n = len(z)
        run.write_frame(step, features=z, rows=np.arange(n) if rows is None else rows, y=(np.arange(n) + labels) % 3)
        run.append({"step": step, "knn": 0.5 + step / 100, "rank": 2.0 + step})
    run.update(state="done", step=steps, steps=steps)
    return run


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    z = {step: rng.normal(size=(30, 6)) * [5, 3, 1, 1, 1, 1] + step for step in (0, 4, 10)}
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    return run_of(z, 10), run_of({2 * step: each @ turn for step, each in z.items()}, 20)


def test_a_turned_copy_lies_on_the_first_and_all_its_frames_are_turned_alike(pair):
    first, other = pair
    laid = frames.aligned(other.id, 20, 20, first.id)
    assert np.allclose(laid, frames.coordinates(first.id, 10, 10), atol=1e-3)
    rotation = frames.turn(other.id, 20, first.id, 10)
    assert np.allclose(rotation @ rotation.T, np.eye(2), atol=1e-6)
    for step in (0, 8, 20):
        own = frames.coordinates(other.id, step, 20)
        assert np.allclose(frames.aligned(other.id, step, 20, first.id), own @ rotation, atol=1e-5)


def test_maps_of_other_images_are_not_turned(pair):
    first, _ = pair
    other = run_of({0: np.ones((30, 6)), 9: np.random.default_rng(1).normal(size=(30, 6))}, 9, rows=np.arange(30) + 100)
    assert (frames.turn(other.id, 9, first.id, 10) == np.eye(2)).all()


def test_runs_of_another_hash_size_or_label_are_of_other_images(pair):
    first, other = pair
    assert together.fits(other, first)
    z = {step: other.frame(step)["features"] for step in other.frames()}
    for change in ({"hash": "b"}, {"size": 16}, {"labels": 1}, {"rows": np.arange(30) + 100}):
        assert not together.fits(run_of(z, 20, **change), run_of(z, 20)), change
    assert not together.fits(run_of(z, 20, dataset="digits"), first)
    assert (frames.turn(run_of(z, 20, hash="b").id, 20, run_of(z, 20).id, 20) == np.eye(2)).all()


def test_a_run_stands_at_the_frame_of_its_share(pair):
    for step, expected in ((4, [4, 8]), (10, [10, 20])):
        assert [timeline.Asked(step, 10).nearest(run, run.frames()) for run in pair] == expected
    assert timeline.Asked(3, 0).nearest(pair[1], [0, 2, 4]) == 4, "of a length that is not known: the step"
    assert timeline.Asked(None, 10).nearest(pair[1], [0, 8]) == 8


def javascript(code):
    """What a script that ends with `found` makes of the functions of chart_moments.js."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine: it runs the script of the slider")
    module = (Path(scrubber.__file__).parent / "chart_moments.js").read_text("utf-8")
    script = f"{module}\n{code}\nconsole.log(JSON.stringify(found));"
    done = subprocess.run([node, "--input-type=module", "-"], input=script, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_page_and_browser_have_one_rule_for_the_nearest_frame(pair):
    rng, cases = np.random.default_rng(0), []
    for total in (10, 7, 0, 9, 800):
        steps = sorted({0, *rng.integers(1, 20, 5).tolist()})
        cases += [(steps, 20, step, total) for step in range(max(total, 20) + 1)]
    code = """const found = CASES.map(([steps, of, step, total]) =>
        nearest(steps, of, { step, share: total ? step / total : null }));"""
    found = javascript(code.replace("CASES", json.dumps(cases)))
    assert found == [timeline.Asked(step, total).nearest(pair[1], steps) for steps, _, step, total in cases]


def test_moments_are_fetched_ahead_once_and_no_more_than_are_kept():
    code = """let asked = 0, on = true;
        globalThis.fetch = async () => (asked++, { ok: true, json: async () => ({}) });
        const runs = ["a", "b"].map((id) => ({ id, steps: [...Array(900).keys()], address: `/${id}/{step}` }));
        const found = [];
        for (const wanted of [() => asked < 5, () => true, () => true]) {
          await prefetch(runs, wanted);
          found.push(asked);
        }"""
    assert javascript(code) == [5, 400, 400]


def test_a_moment_has_the_numbers_of_its_step_and_the_mistakes_of_its_frame(pair):
    answer = moments.answer(pair[0].id, 10, 4)
    parts = json.loads(answer.unpacked())
    assert "step <b>4</b>" in parts["numbers"] and "54.0%" in parts["numbers"] and "<b>6.0</b>" in parts["numbers"]
    assert parts["confusion"].count("<td") == 9 and parts["neighbours"] == ""
    assert moments.answer(pair[0].id, 10, 5) is None
    assert moments.answer("nobody", 10, 4) is None


def test_a_film_is_asked_for_by_its_kind(pair):
    assert moments.film_file(pair[0].id, 10, "gif").startswith(b"GIF89a")
    assert moments.film_file(pair[0].id, 10, "html").startswith(b"<!doctype html>")
    assert moments.film_file(pair[0].id, 10, "exe") is None
