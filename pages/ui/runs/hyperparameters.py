"""Every hyperparameter of a training, the method's own first, with its default where the run has another value."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from explorer.runs import Run, Spec
from pages.ui.kit import forms, messages, url_state


def show(run: Run) -> None:
    """The hyperparameters, folded away, and the link to what is said of the method; what is open imports torch."""
    fold = st.expander("Hyperparameters", on_change="rerun", key="hyperparameters")
    if not fold.open:
        return
    from explorer.methods import METHODS

    with fold:
        st.markdown(table(run.spec))
        if method := METHODS.get(str(run.spec.method)):  # one of another version is not there
            title = messages.plain(method.info.title)
            url_state.link("methods", f"How {title} works", method=method.info.name, data=run.spec.dataset)


def table(spec: Spec) -> str:
    """The hyperparameters as a Markdown table: name, value, default where it differs."""
    rows = ["| Hyperparameter | Value | Default, where it differs |", "|-|-|-|"]
    for name, about, value, default in _settings(spec):
        cells = forms.label(name), _shown(about, value), "" if value == default else _shown(about, default)
        rows.append(f"| {' | '.join(map(messages.plain, cells))} |")
    return "\n".join(rows)


def _settings(spec: Spec) -> Iterator[tuple[str, Mapping[str, Any], Any, Any]]:
    """Name, description, value and default of each; without a known default the value is taken for it."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS
    from pages.ui.kit import method_labels

    method = METHODS.get(str(spec.method))
    own = method.Config.model_json_schema().get("properties", {}) if method else {}
    shared, defaults = TrainConfig.model_json_schema()["properties"], method.train_defaults if method else {}
    for name, value in spec.hyperparameters.items():
        about = own.get(name, {})
        yield name, about, value, about.get("default", value)
    idle = method_labels.idle(method) if method else ()
    for name, value in spec.train.items():
        if name not in idle:
            about = shared.get(name, {})
            yield name, about, value, defaults.get(name, about.get("default", value))


def _shown(about: Mapping[str, Any], value: Any) -> str:
    """A value, or what a 0 or an empty list stands for."""
    return (forms.zero(about) if value == 0 and value is not False else "") or forms.setting(value)
