"""What to do first: start a training whose time on this machine is known, follow a lesson, bring pictures."""

import streamlit as st

from explorer import data, engine, runs
from explorer.runs import Spec
from explorer.tasks import request
from pages.ui.kit import actions, identity, messages, navigation
from pages.ui.runs import eta, polling
from pages.ui.sections import home_presets

EVERY = 2.0  # seconds between two looks at whether the speed of this machine is known by now
KEY = "start-first"


def show(timed: runs.Run | None) -> None:
    """The button of the first training that this machine has data for; the speed is measured by that of `timed`."""
    preset = home_presets.ready()[0]
    spec = preset.spec()
    known = bool(eta.of([spec])) or timed is None
    st.session_state.setdefault("_measuring", not known)
    polling.poll(None, lambda: _button(preset, spec, timed), None if known else EVERY)
    title = data.catalogue()[preset.dataset].title
    st.caption(messages.plain(f"{title}: {preset.text}"))


def _button(preset: home_presets.Preset, spec: Spec, timed: runs.Run | None) -> None:
    """The button with its time; while nobody knows it, a few steps are timed in the background, once."""
    time = eta.of([spec])
    if time and st.session_state.pop("_measuring", False):
        st.rerun()  # it is known: there is nothing to poll for
    words = f"Start training  ·  {time}" if time else "Start training  ·  measuring the time"
    style = {"type": "primary", "icon": ":material/play_circle:", "width": "stretch"}
    actions.button(words, _start, preset, key=KEY, **style)
    if not time and timed and st.session_state.get("_painted"):
        _measure(timed)
    st.session_state["_painted"] = True


def _measure(timed: runs.Run) -> None:
    """Have the speed of this machine measured, unless that has been tried."""
    asked = request.request("speed", timed.id)
    if runs.find(runs.address(asked)) is None:
        engine.submit(asked, user=identity.me())


def _start(preset: home_presets.Preset) -> None:
    """Submit the training and go to it."""
    run = engine.submit(preset.spec(), user=identity.me())
    navigation.go("runs", run=run.id)
