"""Options of the command line, from the same descriptions as the forms. Nothing here imports torch."""

import argparse
import csv
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

from pydantic import BaseModel

from explorer import Refused
from explorer.config import Description

BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than"}


class Parser(argparse.ArgumentParser):
    """Errors in our own form: one sentence. An option is written in full."""

    intermixed = False  # whether options may stand between the words of a place that takes several

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, allow_abbrev=False, **settings)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As ever; where several words may name models, the last of all is the data set, wherever options stand."""
        if not self.intermixed:
            return super().parse_known_args(args, namespace)
        self.intermixed = False  # argparse calls this for the options, and again for the words that are left
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.intermixed = True

    def error(self, message: str) -> NoReturn:
        """One sentence on stderr."""
        raise Refused(f"{message} ({self.prog} --help shows what is allowed)")

    def check(self, words: Iterable[str]) -> None:
        """Raises `Refused` where a word looks like an option and is none."""
        for word in words:
            if word == "--":
                return
            if word.startswith("--") and word.partition("=")[0] not in self._option_string_actions:
                raise Refused(unknown_option(word, self._option_string_actions))

    def add_hyperparameters(self, config: type[BaseModel] | Description, what: str, defaults: dict[str, Any]) -> None:
        """An option for each hyperparameter; one whose name is taken is called `--WHAT-HYPERPARAMETER`."""
        group, described = self.add_argument_group(f"hyperparameters of {what}"), Description.of(config)
        required = described.schema.get("required", [])
        for name, hyperparameter in described.hyperparameters.items():
            word = name.replace("_", "-")
            option = f"--{what}-{word}" if f"--{word}" in self._option_string_actions else f"--{word}"
            text = help_text(hyperparameter, defaults.get(name, hyperparameter.get("default")))
            group.add_argument(
                option, dest=destination(described, name), metavar=name.upper(), help=text, required=name in required
            )


def destination(described: Description, name: str) -> str:
    """Where the parser keeps a hyperparameter: apart from those of other configs and from the command's own options."""
    return f"{described.place}.{name}"


def help_text(hyperparameter: dict[str, Any], default: Any) -> str:
    """The sentence of a hyperparameter, what it allows and its default."""
    shown = ",".join(map(str, default)) if isinstance(default, list | tuple) else default
    allowed = ", ".join(map(str, hyperparameter["enum"])) if "enum" in hyperparameter else within(hyperparameter)
    text = hyperparameter.get("description", "") + (f" {{{allowed}}}" if allowed else "")
    return (text if shown is None else f"{text} [{shown}]").replace("%", "%%")


def within(hyperparameter: dict[str, Any]) -> str:
    """The range of a number in words."""
    return ", ".join(f"{words} {hyperparameter[bound]}" for bound, words in BOUNDS.items() if bound in hyperparameter)


def given(args: argparse.Namespace, config: type[BaseModel] | Description) -> dict[str, Any]:
    """The hyperparameters of `config` that were set on the command line; lists as `listed` reads them."""
    described = Description.of(config)
    values = {name: getattr(args, destination(described, name), None) for name in described.hyperparameters}
    lists = {name for name, about in described.hyperparameters.items() if about.get("type") == "array"}
    return {name: listed(value) if name in lists else value for name, value in values.items() if value is not None}


def listed(text: str) -> tuple[str, ...]:
    """The words between commas; a word with commas of its own stands in quotation marks: `'"a, b",c'`."""
    if '"' not in text:
        return tuple(text.split(","))
    try:
        (words,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        raise Refused(f"'{text[:80]}' is no list of words: close each quotation mark, as in '\"a, b\",c'") from None
    return tuple(words)


def unknown_option(word: str, options: Iterable[str]) -> str:
    """What to say of an option that there is not."""
    names = sorted(name for name in options if name.startswith("--"))
    near = get_close_matches(word.partition("=")[0], names, 1)
    hint = f" did you mean '{near[0]}'?" if near else ""
    return f"no option '{word}';{hint} choose from {', '.join(names)}"
