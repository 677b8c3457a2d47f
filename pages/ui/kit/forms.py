"""A form from a pydantic model: one widget for each field; its value stands in the address as `?<key>.<field>=…`."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import streamlit as st
from pydantic import BaseModel, ValidationError

from pages.ui.kit import messages, url_notices

SPELLED = {"lr": "Learning rate", "ema": "EMA", "mlp_head": "MLP head", "arms": "Variants", "k": "k"}
ABLATION = ":material/content_cut:"
ZERO = re.compile(r"\b0 = ([^;:,(]+)")
SLIDER_STEPS = 100  # an integer with more values than this is typed


def hyperparameters(
    model: type[BaseModel],
    key: str,
    defaults: Mapping[str, Any] | None = None,
    *,
    only: Collection[str] | None = None,
    skip: Collection[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    columns: int = 3,
) -> dict[str, Any]:
    """Draw the hyperparameters of `model` and return their values; raises `Refused` when they do not go together.

    `defaults` go before the model's own (a method's `train_defaults`); `only` and `skip` choose fields; `choices`
    gives the options of a field that the model leaves open (class names). The widgets live under `key`, which must
    be this form's alone (a method's name, "train"); values are kept while other pages are visited.
    """
    fields = {name: about for name, about in model.model_json_schema()["properties"].items() if name not in skip}
    fields = {name: about for name, about in fields.items() if only is None or name in only}
    defaults = {name: about.get("default") for name, about in fields.items()} | dict(defaults or {})
    values, cells = {}, {}
    grid = st.grid(columns, min_column_width=200, gap="medium", key=f"form-{key}-{'-'.join(fields) or 'none'}")
    for name, about in fields.items():
        options = (choices or {}).get(name) or about.get("enum") or about.get("items", {}).get("enum")
        with grid:
            cells[name] = st.container(gap="xxsmall") if "ablation" in about else nullcontext()
        with grid, cells[name]:
            values[name] = _widget(f"{key}.{name}", name, about, defaults[name], options)
    config = checked(model, {name: value for name, value in defaults.items() if name in model.model_fields} | values)
    for name, why in ablated(config).items():
        if name in cells:
            cells[name].caption(f"{ABLATION} {reason(why)}")
    return values


def current(key: str, names: Iterable[str]) -> dict[str, Any]:
    """The values of a form's widgets as a callback finds them, a change that has come with the click included."""
    values = {name: st.session_state[f"{key}.{name}"] for name in names}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def ablated(config: BaseModel) -> dict[str, str]:
    """The hyperparameters whose value ablates the method, and what happens then."""
    return config.ablated() if hasattr(config, "ablated") else {}


def reason(why: str, what: str = "") -> str:
    """What an ablated hyperparameter does, as a sentence: Ablation: the target moves as fast as the network."""
    text = why.rstrip(".")
    return f"**Ablation**{what and ', '}{messages.plain(what)}: {messages.plain(text[:1].lower() + text[1:])}."


def query(key: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The same values as query parameters of a link to the page with the form: `url_state.link(…, **query(…))`."""
    return {
        f"{key}.{name}": str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()
    }


def checked(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    """The model of these values; raises `Refused` with one sentence that names the field, its value and the rule."""
    try:
        return model(**values)
    except ValidationError as error:
        from explorer.config import refusal

        raise refusal(error, lambda name: f"{label(name)} ") from None


def table(model: type[BaseModel], defaults: Mapping[str, Any] | None = None, skip: Collection[str] = ()) -> str:
    """The hyperparameters as a Markdown table: name, default, what is allowed, meaning, which value ablates."""
    fields = model.model_json_schema()["properties"].items()
    properties = {name: about for name, about in fields if name not in skip}
    last = any("ablation" in about for about in properties.values())
    rows = [
        "| Hyperparameter | Default | Allowed | Meaning |" + last * " Ablation |",
        "|-|-|-|-|" + last * "-|",
    ]
    for name, about in properties.items():
        default = (defaults or {}).get(name, about.get("default"))
        meaning = messages.plain(str(about.get("description", "")))
        shown = messages.plain(f"0 = {zero(about)}" if default == 0 and zero(about) else setting(default))
        rows.append(f"| {label(name)} | {shown} | {_allowed(about)} | {meaning} |{last * _ablation(about)}")
    return "\n".join(rows) if len(rows) > 2 else "It has no hyperparameters."


def _ablation(about: Mapping[str, Any]) -> str:
    """The cell of a table that says which values of a hyperparameter ablate its method, and what happens then."""
    if "ablation" not in about:
        return " |"
    rule, places = about["ablation"], {}
    for value in rule["at"]:
        places.setdefault(rule["why"], []).append(messages.plain(setting(value)))
    for end, words in (("least", "or more"), ("most", "or less")):
        if rule[end] is not None:
            places.setdefault(rule["beyond"], []).append(f"{rule[end]:,g} {words}")
    parts = (f"**{' or '.join(at)}**: {messages.plain(why)}" for why, at in places.items())
    return f" {ABLATION} {'; '.join(parts)} |"


def zero(about: Mapping[str, Any]) -> str:
    """What 0 stands for where it is the default and means something else, as its description says: all images."""
    meaning = ZERO.search(str(about.get("description", "")))
    return meaning[1].strip() if meaning and about.get("default") == 0 else ""


def setting(of: Any) -> str:
    """A hyperparameter's value inside a sentence."""
    if isinstance(of, bool):
        return "on" if of else "off"
    if isinstance(of, list | tuple):
        return " and ".join(map(str, of)) or "all"
    return f"{of:g}" if isinstance(of, float) else str(of)


def _allowed(about: Mapping[str, Any]) -> str:
    if "enum" in about:
        return messages.plain(", ".join(map(str, about["enum"])))
    low, high = about.get("minimum"), about.get("maximum", about.get("exclusiveMaximum"))
    more_than = about.get("exclusiveMinimum")
    start = f"{low:,g}" if low is not None else f"above {more_than:,g}" if more_than is not None else ""
    return " to ".join(part for part in (start, "" if high is None else f"{high:,g}") if part)


def label(name: str) -> str:
    """A hyperparameter's name as people read it."""
    return SPELLED.get(name, name.replace("_", " ").capitalize())


def _widget(key: str, name: str, about: Mapping[str, Any], default: Any, options: Sequence[Any] | None) -> Any:
    meaning = zero(about)
    more = {
        "label": f"{label(name)} (0 = {meaning})" if meaning else label(name),
        "key": key,
        "help": about.get("description"),
        "bind": "query-params",
        "persist_state": "page",
    }
    kind = about.get("type")
    if options and (kind == "array" or "titles" in about):
        titles = {value: value for value in options} | about.get("titles", {})
        url_notices.option_labels(key, titles)
        more["format_func"] = titles.get
    if kind == "array":
        chosen = [value for value in default or () if value in (options or ())]
        return tuple(st.multiselect(**more, options=options or [], default=chosen, placeholder="all"))
    if options:
        return st.selectbox(**more, options=options, index=list(options).index(default) if default in options else 0)
    if kind == "boolean":
        return st.toggle(**more, value=bool(default))
    if kind in ("integer", "number"):
        return _number(more, about, default, whole=kind == "integer")
    return st.text_input(**more, value=default or "")


def _number(more: dict[str, Any], about: Mapping[str, Any], default: float, whole: bool) -> float:
    low, high, step = limits(about, default, whole)
    cast = int if whole else float
    if low is not None and high is not None and _slides(low, high, default, whole):
        return st.slider(**more, min_value=cast(low), max_value=cast(high), value=cast(default), step=cast(step))
    # no bounds: a browser would keep the number before without a word, and `checked` says which ones are allowed
    more["help"] = " · ".join(filter(None, [more["help"], _allowed(about)]))
    return st.number_input(**more, value=cast(default), step=cast(step), format="%d" if whole else "%g")


def limits(about: Mapping[str, Any], default: float, whole: bool) -> tuple[float | None, float | None, float]:
    """Lowest, highest and step of a numeric field of a JSON schema."""
    low = about.get("minimum", about.get("exclusiveMinimum"))
    high = about.get("maximum", about.get("exclusiveMaximum"))
    if whole:
        high = high - 1 if "exclusiveMaximum" in about else high
        low = low + 1 if "exclusiveMinimum" in about else low
        return low, high, 16 if default >= 16 and math.log2(default).is_integer() else 1
    if low is not None and high is not None and _slides(low, high, default, whole):
        return low, high, 10.0 ** math.floor(math.log10((high - low) / 50))
    return low, high, 10.0 ** math.floor(math.log10(abs(default))) if default else 0.01


def _slides(low: float, high: float, default: float, whole: bool) -> bool:
    """A slider serves where its default is not lost at one end: a learning rate of 0.001 in 0 … 10 is typed."""
    return high - low <= SLIDER_STEPS if whole else default in (low, high) or default - low >= (high - low) / 100
