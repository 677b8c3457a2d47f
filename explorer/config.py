"""A configuration: each field is described once, and form, command line, address, request and tests read that.

Imports pydantic alone: what only asks for a stored result needs no torch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from explorer.errors import Refused, choose


class Config(BaseModel, frozen=True, extra="forbid"):
    """A set of hyperparameters, each described once: default, range, one sentence."""

    @classmethod
    def read(cls, hyperparameters: Mapping[str, Any], what: str) -> Config:
        """The checked hyperparameters of `what`; raises `Refused` with the name, the value and the rule."""
        for name in hyperparameters:
            choose(f"{what} hyperparameter", name, cls.model_fields)
        try:
            return cls(**hyperparameters)
        except ValidationError as error:
            raise refusal(error, lambda name: f"{what} hyperparameter {name}=", f"{what}: ") from None


class Description(NamedTuple):
    """What a command line reads of a configuration: it can be stored, and is enough where nothing is checked."""

    place: str  # module and name of its class
    schema: dict[str, Any]  # its JSON schema

    @classmethod
    def of(cls, config: type[BaseModel] | Description) -> Description:
        """That of a class; a description is its own."""
        if isinstance(config, Description):
            return config
        return cls(f"{config.__module__}.{config.__qualname__}", config.model_json_schema())

    @property
    def hyperparameters(self) -> dict[str, dict[str, Any]]:
        """Each by its name."""
        return self.schema.get("properties", {})


def refusal(error: ValidationError, label: Callable[[str], str], together: str = "") -> Refused:
    """The first thing that is wrong, in one sentence: the hyperparameter under its `label`, its value and the rule.

    A rule of the model's own says by itself what it is about, often several hyperparameters, of which none is to blame
    alone: it stands after the words for all of them `together`.
    """
    first = error.errors()[0]
    name, rule = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
    alone = name and first["type"] != "value_error"
    named = f"{label(name)}{first['input']!r} is not allowed: " if alone else together
    return Refused(f"{named}{rule[:1].lower()}{rule[1:]}{_hint(first)}")


def _hint(error: Any) -> str:
    """The nearest of the choices, where a word was none of them."""
    choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    near = get_close_matches(str(error["input"]), choices, 1) if error["type"] == "literal_error" else []
    return f"; did you mean '{near[0]}'?" if near else ""
