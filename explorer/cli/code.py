"""The command that shows the code: a script that trains a run again."""

import argparse
import sys

from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import file_at, print_answer


def code_command(args: argparse.Namespace) -> None:
    """Show a script of at most 79 lines that trains a run again, with torch alone where that is possible."""
    from explorer import runs
    from explorer.tasks.code.script import script

    made = script(runs.get(args.run_id))
    if args.out:
        with file_at(args.out, ".py") as write:
            write(lambda path: path.write_text(made.text, encoding="utf-8"))
    lines = [f"{args.out}: {len(made.text.splitlines())} lines"] if args.out else [made.text.rstrip()]
    print_answer(args, lines, {"run": args.run_id, "code": made.text, "alone": made.alone})
    if not made.alone:
        print("note: it imports explorer: run it in this folder", file=sys.stderr)


def code_options(sub: Parser) -> None:
    """Where to."""
    sub.add_argument("--out", default="", help="the .py file to write [print it]")


COMMANDS = {"code": Command(code_command, ("run_id",), code_options)}
