"""What is wrong with a lesson's file, in a teacher's words."""

from collections.abc import Mapping
from typing import Any

QUOTE = "'"
WORDS = {  # pydantic's kinds of error in a teacher's words
    "missing": "'{name}' is missing here: add it",
    "extra_forbidden": "'{name}' is no part of a lesson at this place: check its spelling, or delete it",
    "string_type": "'{name}' must be a text, and not a list or a group of lines",
    "tuple_type": "'{name}' must be a list, such as [a, b]",
    "dict_type": "'{name}' must be a group of lines such as 'name: value'",
    "model_type": "'{name}' must be a group of lines such as 'name: value'",
    "model_attributes_type": "'{name}' must be a group of lines such as 'name: value'",
    "union_tag_not_found": "'{name}' does not say which kind it is: add one of picture, job or rule",
}


def place(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where an error is; of a kind that there is not, the line that names it."""
    named = (error["ctx"]["discriminator"].strip(QUOTE),) if error["type"] == "union_tag_invalid" else ()
    return (*error["loc"], *named)


def reason(error: Mapping[str, Any]) -> str:
    """One error of pydantic in a sentence."""
    place = [str(each) for each in error["loc"]]
    name = next((each for each in reversed(place) if not each.isdecimal()), "the lesson")
    if words := WORDS.get(error["type"]):
        return words.format(name=name)
    if error["type"] == "union_tag_invalid":
        tag, kind, tags = (error["ctx"][name] for name in ("tag", "discriminator", "expected_tags"))
        return f"'{tag}' is no {kind.strip(QUOTE)}: choose from {tags}"
    rule = error["msg"].removeprefix("Value error, ")
    if error["type"] == "value_error":
        return f"{rule[:1].lower()}{rule[1:]}"
    shown = f" '{error['input'][:60]}'" if isinstance(error["input"], str) else ""
    return f"{name}{shown} is not allowed: {rule[:1].lower()}{rule[1:]}"
