"""`python -m explorer.jobs` is the older name of `python -m explorer.engine`."""

from explorer.engine.__main__ import run

if __name__ == "__main__":
    run()
