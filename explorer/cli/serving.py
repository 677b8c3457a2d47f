"""The command that starts the pages for others than this machine: a class, or a laboratory."""

import argparse
import getpass
import os
import re
import socket
import sys
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from explorer import Refused
from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer

APP = Path(__file__).parents[2] / "app.py"
HERE = ("localhost", "127.0.0.1", "::1")
PORT = 8501
LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
NAME = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*")  # RFC 1123


def serve(args: argparse.Namespace) -> None:
    """Start the pages for a class: HOST is the name or address by which its browsers reach this machine."""
    host = checked(args.host)
    if args.password:
        os.environ["EXPLORER_TEACHER"] = getpass.getpass("Password of the teacher's view: ")
    proxied = args.behind_proxy
    bracketed = f"[{host}]" if ":" in host else host
    address = f"https://{bracketed}" if proxied else f"http://{bracketed}:{args.port}"
    guarded = bool(os.environ.get("EXPLORER_TEACHER"))
    print_answer(args, lines(address, guarded, proxied), {"address": address, "guarded": guarded})
    sys.stdout.flush()
    os.chdir(APP.parent)  # where the settings of the pages are
    os.execv(sys.executable, words(host, args.port, proxied))


def words(host: str, port: int, proxied: bool) -> list[str]:
    """The command line that starts the pages."""
    names = [f"--server.allowedHosts={name}" for name in (*HERE, host)]
    listen = "127.0.0.1" if proxied else "::" if ":" in host else "0.0.0.0"
    return [
        sys.executable, "-m", "streamlit", "run", APP.name, "--server.headless=true", f"--server.address={listen}",
        f"--server.port={port}", f"--browser.serverAddress={host}", *names,
    ]  # fmt: skip


def checked(host: str) -> str:
    """The host; raises `Refused` where it can be none."""
    with suppress(ValueError):
        return str(ip_address(host))
    if NAME.fullmatch(host.lower()):
        return host.lower()
    raise Refused(
        f"'{host[:80]}' is no host: give the name or the address by which browsers reach this machine, without http:// "
        f"and without a port, such as {own_address()}"
    )


def own_address() -> str:
    """The address of this machine in its network; of one without a network, its name."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address for documentation: nothing is sent
        return str(probe.getsockname()[0])
    return socket.gethostname()


def lines(address: str, guarded: bool, proxied: bool) -> list[str]:
    """What whoever starts it must know."""
    return [
        f"Unfold for a class: {address}",
        "The teacher's view, and stopping or deleting what others made, ask for the password."
        if guarded
        else "Everybody who opens it may stop and delete what others made: --password asks for a password for that.",
        "The proxy in front must answer with TLS and hand on the name (docs/class.md)."
        if proxied
        else "Whoever is in this network can read what passes: docs/class.md says how to put TLS in front.",
    ]


def port(text: str) -> int:
    """A port that can be listened to."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text[:80]}' is no port: give a number from 1 to 65535")


def options(sub: Parser) -> None:
    """For whom, and how."""
    sub.add_argument("--host", required=True, help="name or address by which browsers reach this machine")
    sub.add_argument("--port", type=port, default=PORT, help=f"where it listens ({PORT})")
    sub.add_argument("--password", action="store_true", help="ask for one of the teacher's view, as EXPLORER_TEACHER")
    sub.add_argument("--behind-proxy", action="store_true", help="listen to this machine alone, for a proxy with TLS")


COMMANDS = {"serve": Command(serve, options=options)}
