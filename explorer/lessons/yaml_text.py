"""YAML in which every word stays what was written: `no`, `1e-3` and `2026-01-01` are text.

What a field needs, a number or a choice, its model makes of the text later; each place keeps its line.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from explorer.lessons.errors import LessonRefused

MOST = 64_000  # bytes of one lesson
DEEP = 12  # levels of one lesson
Place = Sequence[str | int]


class Document:
    """The content of a file as text, lists and mappings, and the line of each part."""

    def __init__(self, name: str, root: yaml.Node) -> None:
        self.name, self._root = name, root
        self.content = self._plain(root, ())

    def refuse(self, place: Place, reason: str) -> LessonRefused:
        """The refusal of what stands at a place."""
        return LessonRefused(self.name, self.line(place), reason)

    def line(self, place: Place) -> int:
        """The line of a place; of what is not there, that of the part it belongs to."""
        node, line = self._root, self._root.start_mark.line + 1
        for step in place:
            key, value = _child(node, step)
            if value is not None:
                node, line = value, (key or value).start_mark.line + 1
        return line

    def _plain(self, node: yaml.Node, place: tuple[str | int, ...]) -> Any:
        if len(place) > DEEP:
            raise _too_deep(self.name, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(each, (*place, i)) for i, each in enumerate(node.value)]
        return self._mapping(node, place)

    def _mapping(self, node: yaml.MappingNode, place: tuple[str | int, ...]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise LessonRefused(self.name, line, "a name in front of a colon must be a word")
            if key.value in content:
                raise LessonRefused(self.name, line, f"'{key.value}' stands there twice: keep one of them")
            if isinstance(value, yaml.ScalarNode) and not value.value and not value.style:
                raise LessonRefused(self.name, line, f"'{key.value}' is empty: give it a value or leave it out")
            content[key.value] = self._plain(value, (*place, key.value))
        return content


def _too_deep(name: str, line: int) -> LessonRefused:
    return LessonRefused(name, line, f"more than {DEEP} levels are too deep: move it up")


def _too_long(name: str, size: int) -> LessonRefused:
    return LessonRefused(name, 1, f"{size:,} bytes are too long for a lesson: at most {MOST:,} are allowed")


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key and the value of one step down, where there is such a step; models name steps that no file has."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    if isinstance(node, yaml.MappingNode):
        pairs = ((key, value) for key, value in node.value if getattr(key, "value", None) == str(step))
        return next(pairs, (None, None))
    return None, None


def read(path: Path) -> Document:
    """The document in a file; raises `LessonRefused` where it is none."""
    try:
        if (size := path.stat().st_size) > MOST:
            raise _too_long(path.name, size)
        content = path.read_bytes()
    except OSError as error:
        raise LessonRefused(path.name, 1, f"the file cannot be read: {error.strerror}") from None
    return parsed(path.name, content)


def parsed(name: str, content: bytes) -> Document:
    """The document that these bytes are; raises `LessonRefused` with the line of what is wrong."""
    if len(content) > MOST:
        raise _too_long(name, len(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LessonRefused(name, line, "a character is not UTF-8: save the file with the encoding UTF-8") from None
    root = _composed(name, text)
    if not isinstance(root, yaml.MappingNode):
        line = root.start_mark.line + 1 if root else 1
        raise LessonRefused(name, line, "a lesson begins with lines such as 'title: …': this file does not")
    return Document(name, root)


def _composed(name: str, text: str) -> yaml.Node | None:
    """The tree of nodes, without references from one place to another."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEP + 1:  # before the rest is parsed
                raise _too_deep(name, event.start_mark.line + 1)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1
                why = "'&' and '*' in front of a word are references: put the text in quotation marks"
                raise LessonRefused(name, line, why)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except LessonRefused:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise LessonRefused(name, mark.line + 1 if mark else 1, _explained(error)) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise LessonRefused(name, line, "a character cannot be printed: delete it") from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):  # of a character that there is not, too
        raise LessonRefused(name, 1, "this is no YAML that can be read: compare it with the example") from None


def _explained(error: yaml.MarkedYAMLError) -> str:
    """What is wrong with the syntax, and the usual cure."""
    problem = (error.problem or error.context or "the syntax is wrong").replace("\n", " ")
    if "mapping values are not allowed" in problem:
        return "a colon inside a text: put the whole text in quotation marks"
    if "'\\t'" in problem:
        return "a tab at the beginning: indent with spaces"
    if "block end" in problem or "could not find expected ':'" in problem:
        return f"the indentation or a colon is wrong here ({problem}): compare it with the line above"
    return f"the syntax is wrong ({problem}): texts with special characters need quotation marks"
