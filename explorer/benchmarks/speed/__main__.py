"""The command: `python -m explorer.benchmarks.speed [NAME …] [--pairs 5]`."""

import argparse
import sys
from pathlib import Path
from time import perf_counter

from explorer import Refused
from explorer.benchmarks import results
from explorer.benchmarks.runner import length
from explorer.benchmarks.speed import COMPARISONS, report, runner


def main(words: list[str] | None = None) -> int:
    """Compare, write each row at once, and print the table of these rows; 2 where a request or a side was refused."""
    args = options().parse_args(words)
    try:
        return run(args)
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def run(args: argparse.Namespace) -> int:
    """The comparisons that are named, or all."""
    chosen = [COMPARISONS.choose(name) for name in args.names] or list(COMPARISONS.values())
    if args.list:
        print("\n".join(f"{each.name:14} {each.title()}, against {each.against}" for each in chosen))
        return 0
    if args.pairs < 1:
        raise Refused(f"--pairs {args.pairs} is not allowed: give 1 or more")
    out = Path(args.out) if args.out else None if args.small else runner.PLACE
    rows = []
    for place, each in enumerate(chosen, 1):
        start = perf_counter()
        rows.append(runner.compare(each, args.pairs, args.small))
        if out:
            results.append(out, rows[-1])
        print(f"{place}/{len(chosen)}  {each.name}: {length(perf_counter() - start)}", file=sys.stderr, flush=True)
    print(report.chapter(rows))
    return 0


def options() -> argparse.ArgumentParser:
    """Which comparisons, and how often."""
    parser = argparse.ArgumentParser("python -m explorer.benchmarks.speed", description=run.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COMPARISONS)} [all]")
    parser.add_argument("--pairs", type=int, default=5, help="how often each side runs [5]")
    parser.add_argument("--small", action="store_true", help="try it: little work, and no row is written without --out")
    parser.add_argument("--list", action="store_true", help="the comparisons")
    parser.add_argument("--out", help=f"the .jsonl file of the rows [{runner.PLACE.name} in checkpoints/results]")
    return parser


if __name__ == "__main__":
    sys.exit(main())
