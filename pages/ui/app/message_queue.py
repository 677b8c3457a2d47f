"""Keeps what a page has drawn for a part that is polled, until the browser has it: a fault of Streamlit 1.67.

The messages of a run wait in a queue until they are sent. When the run of a fragment starts, Streamlit drops from the
queue what was drawn for that fragment before, since it is drawn anew. It also drops what the run of the whole page has
just drawn for it, but keeps the message that this run is complete; the browser then takes the fragment for something
that the page no longer has, and removes it: all its charts are gone for a moment and mounted anew. What follows in the
same container moves up meanwhile, so that messages for other places meet the wrong ones: "'setIn' cannot be called on
an ElementNode", and the page is white. A polled page runs into it whenever it runs as a whole on a busy machine.
"""

from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_clear = ForwardMsgQueue.clear


def clear(
    queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
) -> None:
    """As Streamlit's own, but for a queue in which a whole page waits: the fragment's new messages follow it."""
    if retain_lifecycle_msgs and fragment_ids_this_run and any(map(_ends_a_page, queue._queue)):
        queue._delta_index_map = {}  # nothing that follows is merged with what the page has drawn
        return
    _clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)


def _ends_a_page(message: Any) -> bool:
    """Whether a message says that a whole page is complete: the browser then removes what was not drawn."""
    finished = message.WhichOneof("type") == "script_finished"
    return finished and message.script_finished == ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY


def install() -> None:
    """Put this in the place of Streamlit's own; once for a server."""
    ForwardMsgQueue.clear = clear
