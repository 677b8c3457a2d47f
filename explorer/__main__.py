"""The command line: train, look, list, export. `python -m explorer COMMAND --help` shows what each of them takes.

It reads the same hyperparameters as the forms. With --json the last line of the output is one JSON object. Errors go
to stderr with exit status 2; what nobody foresaw is one sentence too, with status 1 (EXPLORER_DEBUG=1 adds where it
happened).
"""

import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

from explorer import Refused
from explorer.cli.commands import parser
from explorer.foreign_text import Terminal


def main(argv: list[str]) -> int:
    """Run one command; returns the exit status. Names of files and classes do not steer the terminal."""
    with redirect_stdout(Terminal(sys.stdout)), redirect_stderr(Terminal(sys.stderr)):
        return run(argv)


def run(argv: list[str]) -> int:
    """The same, with the output as it is."""
    try:
        args, rest = parser(argv, __doc__).parse_known_args(argv)
        if rest:
            raise Refused(surplus(rest[0], args.command))
        args.run(args)
        sys.stdout.flush()
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever reads has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("EXPLORER_DEBUG") == "1":
            traceback.print_exc()
        print(f"unexpected: {' '.join(f'{type(error).__name__}: {error}'.split())}", file=sys.stderr)
        return 1
    return 0


def surplus(word: str, command: str) -> str:
    """What to say of a word that nobody asked for."""
    what = f"no option '{word}'" if word.startswith("-") else f"'{word}' is one word too many"
    return f"{what} (python -m explorer {command} --help shows what is allowed)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
