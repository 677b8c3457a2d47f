"""The command that fetches the ImageNet weights of pretrained networks, or lists them."""

import argparse
import sys
import time
from typing import Any

from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import REPORT_EVERY, print_answer
from explorer.data.places import Progress


def weights_command(args: argparse.Namespace) -> None:
    """Download the ImageNet weights of pretrained networks; without a name, list all of them and where they lie."""
    from explorer.tasks import fetch_weights

    if not args.networks:
        rows = fetch_weights.rows()
        return print_answer(args, map(line, rows), {"weights": rows})
    here = {name: str(fetch_weights.fetch(name, progress())) for name in args.networks}
    return print_answer(args, (f"{name}: {path}" for name, path in here.items()), {"weights": here})


def line(row: dict[str, Any]) -> str:
    """The weights of one network for a person."""
    missing = f"in {row['package']}" if row["package"] else "to download"
    return f"{row['model']:40} {row['megabytes']:7.0f} MB  {row['size']:4} pixels  {row['here'] or missing}"


def progress() -> Progress:
    """Tells every other second on stderr how far a download has come."""
    last, said = 0.0, ""

    def report(share: float, sentence: str) -> None:
        nonlocal last, said
        if (share == 0 and sentence != said) or time.monotonic() - last > REPORT_EVERY:
            last, said = time.monotonic(), sentence
            print(sentence, file=sys.stderr)

    return report


def options(sub: Parser) -> None:
    """Which networks."""
    sub.add_argument("networks", nargs="*", metavar="NETWORK", help="such as resnet18 or resnet50:IMAGENET1K_V2")


COMMANDS = {"fetch-weights": Command(weights_command, options=options)}
