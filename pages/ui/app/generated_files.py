"""Keeps a file that a click makes until the browser has fetched it: a fault of Streamlit 1.67.

A download that is made when it is asked for has a name that is new with each run of its page. When a run ends,
Streamlit forgets the names of the run before. But the browser clicks on what it sees: while a page runs, that is the
run before; and the click itself starts a run, which on a busy server ends before the file is begun. Then nothing is
downloaded. It goes so with the file that was made: it is deleted when two runs have ended, whoever's they are, fetched
or not. Here both stay for a minute after no page names them any more.
"""

from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import Any

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind

STAYS = 60.0  # seconds

_inactive, _forget = MediaFileManager._get_inactive_file_ids, MediaFileManager._remove_orphaned_deferred_callables


def inactive(manager: MediaFileManager, clock: Callable[[], float] = monotonic) -> set[str]:
    """As Streamlit's own, called with its lock held: the files to delete, here without the downloads of this minute."""
    unnamed = _inactive(manager)
    over = _over({file: vars(about) for file, about in manager._file_metadata.items()}, unnamed, clock())
    return {file for file in unnamed if file in over or manager._file_metadata[file].kind != MediaFileKind.DOWNLOADABLE}


def forget(manager: MediaFileManager, clock: Callable[[], float] = monotonic) -> None:
    """As Streamlit's own, called with its lock held; the ways to make a file stay for this minute."""
    named = {file for files in manager._files_by_session_and_coord.values() for file in files.values()}
    ways: dict[str, Any] = {**manager._deferred_callables}
    for file in _over(ways, ways.keys() - named, clock()):
        manager._drop_deferred_id(file)


def _over(files: Mapping[str, dict[str, Any]], unnamed: Collection[str], now: float) -> set[str]:
    """Those that no page has named for a minute, of what is known of each file.

    The minute begins with the first question, and anew when a page names the file again.
    """
    for file, about in files.items():
        if file in unnamed:
            about.setdefault("unnamed_since", now)
        else:
            about.pop("unnamed_since", None)
    return {file for file in unnamed if now - files[file]["unnamed_since"] >= STAYS}


def install() -> None:
    """Put these in the place of Streamlit's own; once for a server."""
    MediaFileManager._get_inactive_file_ids, MediaFileManager._remove_orphaned_deferred_callables = inactive, forget
