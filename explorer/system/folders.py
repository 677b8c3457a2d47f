"""The user's own folders: where data lies that a user fills, and where that lies which can be made again."""

import os
from pathlib import Path

from explorer import runs


def cache_root() -> Path:
    """Where decoded data and other derived files are kept: EXPLORER_CACHE, else the user's cache folder."""
    named = os.environ.get("EXPLORER_CACHE")
    return Path(named).expanduser().absolute() if named else own_folder("cache")


def imported_root() -> Path:
    """Where finished vectors are kept: in the folder of runs, which is theirs who use this Unfold."""
    return runs.root() / ".vectors"


def pictures_root() -> Path:
    """Where imported pictures are kept, beside the vectors."""
    return runs.root() / ".pictures"


def own_folder(kind: str) -> Path:
    """This user's folder for `data` or for `cache`."""
    try:
        import platformdirs
    except ModuleNotFoundError:  # a training node has no interface installed
        variable, usual = {"data": ("XDG_DATA_HOME", ".local/share"), "cache": ("XDG_CACHE_HOME", ".cache")}[kind]
        return Path(os.environ.get(variable) or Path.home() / usual) / "unfold"
    return Path(platformdirs.user_data_dir("unfold") if kind == "data" else platformdirs.user_cache_dir("unfold"))
