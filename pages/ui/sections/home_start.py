"""What to do first: start a training whose time on this machine is known, follow a lesson, bring pictures."""

import streamlit as st

from explorer import data, engine, runs
from explorer.tasks import request
from pages.ui.kit import actions, identity, messages, navigation, preload
from pages.ui.runs import eta, ownership, polling
from pages.ui.sections import home_presets

EVERY = 2.0  # seconds between two looks at whether the speed of this machine is known by now
KEY = "start-first"


def show(timed: runs.Run | None) -> None:
    """The button of the first training that this machine has data for; the speed is measured by that of `timed`.

    The button stands at once; its time follows when torch is there, and when the speed of this machine is known.
    """
    preset = home_presets.ready()[0]
    known = preload.done() and (timed is None or _measured(timed) or bool(eta.of([preset.spec()])))
    st.session_state["_measuring"] = not known
    polling.poll(None, lambda: _button(preset, timed), None if known else EVERY)
    title = data.catalogue()[preset.dataset].title
    st.caption(messages.plain(f"{title}: {preset.text}"))


def _button(preset: home_presets.Preset, timed: runs.Run | None) -> None:
    """The button with its time; while nobody knows it, a few steps are timed in the background, once."""
    time = eta.of([preset.spec()]) if preload.done() else ""
    over = bool(time) or timed is None or _measured(timed)
    if over and preload.done() and st.session_state.pop("_measuring", False):
        st.rerun()  # it is known, or never will be: there is nothing to poll for
    words = f"Start training  ·  {time}" if time else "Start training" + "  ·  measuring the time" * (not over)
    style = {"type": "primary", "icon": ":material/play_circle:", "width": "stretch"}
    actions.button(words, _start, preset, key=KEY, **style)
    if preload.done() and not over and _speed(timed) is None:
        engine.submit(request.request("speed", timed.id), user=identity.me())


def _speed(timed: runs.Run) -> runs.Run | None:
    """The job that measures the speed of this machine, once it was asked for."""
    return ownership.find(runs.address(request.request("speed", timed.id)))


def _measured(timed: runs.Run) -> bool:
    """Whether that has ended, well or not."""
    return bool((job := _speed(timed)) and job.status.final)


def _start(preset: home_presets.Preset) -> None:
    """Submit the training and go to it."""
    run = ownership.submit(preset.spec())
    navigation.go("runs", run=run.id)
