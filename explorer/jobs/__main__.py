"""`python -m explorer.jobs deliver | worker tcp://… | shutdown`: the engine's own processes, and its end."""

import os
import sys

from explorer import Refused
from explorer.jobs import engine


def main(command: str = "", argument: str = "") -> None:
    """Runs one command."""
    if command == "deliver":
        from explorer.jobs.delivery import deliver

        deliver()
    elif command == "worker" and argument:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "dask", "worker", argument, *engine.worker_options()],
            engine.environment(),
        )
    elif command == "shutdown":
        engine.shutdown()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except Refused as refused:
        sys.exit(str(refused))
