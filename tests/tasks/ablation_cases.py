"""What the tests of ablations share: runs with a curve, and the page of one."""

from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.tasks.training import request as training_request


def trained(method, hyperparameters, training=None, state="done", **more):
    """A training as far as its folder says, with a curve of three rows."""
    run = runs.create(training_request.train(method, "digits", hyperparameters, training or {}, **more))
    for step in range(3):
        run.append({"step": step, "loss": 2.0 - step / 2, "knn": 0.1 + step / 10})
    run.update(state=state, step=2, steps=2)
    return run


def page(id: str) -> None:
    import streamlit as st

    from explorer import runs
    from pages.ui.runs import ablation, run_view

    run = runs.get(id)
    rows, places = run.metrics(), {name: st.container() for name in run_view.PLACES}
    compared = run_view._compared(run, rows, lambda: ablation.related(run), places["ablation"])
    run_view._fill(places, run_view._pictures(run, rows, compared))


def shown(run):
    at = AppTest.from_function(page, args=(run.id,)).run(timeout=60)
    assert not at.exception
    assert not at.error
    return at
