"""The commands: places, options, hyperparameters. The last need torch, so only the called command has them."""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from explorer import choose
from explorer.cli.arguments import Parser

Words = list[str]
ALIASES = {"twin": "control", "ship": "publish", "study": "benchmark"}  # older names: new ones
SEVERAL = ("models",)  # places that take one word or more


class Command(NamedTuple):
    """One word of the command line."""

    run: Callable[[argparse.Namespace], None]  # its docstring is the help
    places: tuple[str, ...] = ()
    options: Callable[[Parser], None] = lambda _: None
    hyperparameters: Callable[[Parser, Words], None] = lambda _, __: None  # given the words after the command


def every() -> dict[str, Command]:
    """All commands by name."""
    from explorer.cli import (
        benchmarks,
        caches,
        code,
        listing,
        models,
        runs,
        serving,
        shipped,
        stories,
        vectors,
        weights,
    )

    commands: dict[str, Command] = {}
    fixed = (listing, vectors, caches, weights, runs, benchmarks, shipped, serving, stories, code)
    for part in (*(each.COMMANDS for each in fixed), models.commands()):
        if twice := commands.keys() & part.keys():
            raise ValueError(f"two commands are called '{min(twice)}': rename the file of the task")
        commands |= part
    return commands


def parser(argv: Words, about: str | None = None) -> Parser:
    """The whole command line; the hyperparameters are those that the command named in `argv` takes."""
    top = Parser(prog="python -m explorer", description=about)
    subs = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    commands = every()
    for name, command in commands.items():
        older = [alias for alias, known in ALIASES.items() if known == name]
        sub = subs.add_parser(name, help=command.run.__doc__, description=command.run.__doc__, aliases=older)
        for place in command.places:
            sub.add_argument(place, **({"nargs": "+"} if place in SEVERAL else {}))
        sub.intermixed = not set(SEVERAL).isdisjoint(command.places)
        sub.add_argument("--json", action="store_true", help="end with one JSON object")
        command.options(sub)
        sub.set_defaults(run=command.run)
    called = next((word for word in argv if not word.startswith("-")), None)
    if called:
        chosen, words = choose("command", called, subs.choices), argv[argv.index(called) + 1 :]
        commands[ALIASES.get(called, called)].hyperparameters(chosen, words)
        chosen.check(words)
    return top
