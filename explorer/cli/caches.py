"""The command about what can be made again: how much of it there is, and clearing it."""

import argparse
from typing import Any

from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer
from explorer.moments import amount, moment
from explorer.system import caches

ALL = "all"


def cache_command(args: argparse.Namespace) -> None:
    """Say how much the caches take, or clear them: what is in them is made again when it is needed."""
    if args.clear is None:
        return report(args)
    cleared = caches.clear("" if args.clear == ALL else args.clear)
    stays = [{"cache": kind, "path": str(it.path), "bytes": it.size, "why": why} for kind, it, why in cleared.stays]
    lines = [f"{amount(cleared.freed)} freed, {cleared.removed} removed", *map(staying, cleared.stays)]
    return print_answer(args, lines, {"freed": cleared.freed, "removed": cleared.removed, "stays": stays})


def report(args: argparse.Namespace) -> None:
    """Each kind with its size, its entries, its last use and its place."""
    kinds, limit = caches.measure(), caches.limit()
    total = sum(kind.size for kind in kinds if kind.limited)
    lines = [
        f"{amount(total)} of at most {amount(limit)} (EXPLORER_CACHE_LIMIT; maps are not counted, and stay until they "
        "are cleared); --clear removes all or one of:"
    ]
    print_answer(args, [*lines, *map(line, kinds)], {"bytes": total, "limit": limit, "caches": list(map(row, kinds))})


def row(kind: caches.Kind) -> dict[str, Any]:
    """One kind for a program."""
    about = {"cache": kind.name, "title": kind.title, "bytes": kind.size, "entries": len(kind.entries)}
    return {**about, "used": kind.used, "folder": str(kind.folder)}


def line(kind: caches.Kind) -> str:
    """One kind for a person."""
    used = f"last used {moment(kind.used)}" if kind.used is not None else "empty"
    return f"{kind.name:12} {amount(kind.size):>8} {len(kind.entries):>7,}  {used:30} {kind.title}, in {kind.folder}"


def staying(it: caches.Stays) -> str:
    """What could not be removed."""
    return f"stays: {it.entry.path.name} ({it.kind}, {amount(it.entry.size)}): {it.why}"


def options(sub: Parser) -> None:
    """Whether to clear, and what."""
    words = f"remove what nobody uses at the moment, of one kind or of all [{ALL}]"
    sub.add_argument("--clear", nargs="?", const=ALL, metavar="KIND", help=words)


COMMANDS = {"cache": Command(cache_command, options=options)}
