"""`python -m explorer.engine deliver | worker tcp://… | shutdown`: the engine's own processes, and its end."""

import os
import sys

from explorer import Refused
from explorer.engine.dask import cluster


def main(command: str = "", argument: str = "") -> None:
    """Runs one command."""
    if command == "deliver":
        from explorer.engine.dask.dispatch import deliver

        deliver()
    elif command == "worker" and argument:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "dask", "worker", argument, *cluster.worker_options()],
            cluster.environment(),
        )
    elif command == "shutdown":
        cluster.shutdown()
    else:
        sys.exit(__doc__)


def run() -> None:
    """The command line of this module."""
    try:
        main(*sys.argv[1:3])
    except Refused as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    run()
