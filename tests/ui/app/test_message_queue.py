"""What waits to be sent when the run of a fragment starts right behind the run of the whole page."""

import runpy

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from pages.ui.app import message_queue, widget_values
from tests.test_architecture import ROOT

DONE = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY
EARLY = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN


def drawn(words: str, fragment: str) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path[:] = [0, 0]
    message.delta.new_element.markdown.body = words
    message.delta.fragment_id = fragment
    return message


def finished(how) -> ForwardMsg:
    message = ForwardMsg()
    message.script_finished = how
    return message


def waiting(clear, end, fragments) -> list[str]:
    """What is sent after a page has drawn a fragment, has ended so, and the run of a fragment has begun."""
    queue = ForwardMsgQueue()
    for message in (drawn("by the page", "a"), finished(end)):
        queue.enqueue(message)
    clear(queue, retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    queue.enqueue(drawn("by the fragment", "a"))
    return [it.delta.new_element.markdown.body or "end" for it in queue.flush()]


def test_streamlit_itself_drops_what_the_page_has_drawn_and_says_that_the_page_is_complete():
    """Where this fails, the fault is mended, and `message_queue` can go."""
    assert waiting(message_queue._clear, DONE, ["a"]) == ["end", "by the fragment"]


def test_what_the_page_has_drawn_for_a_fragment_is_sent_before_its_end():
    assert waiting(message_queue.clear, DONE, ["a"]) == ["by the page", "end", "by the fragment"]


@pytest.mark.parametrize(("end", "fragments"), [(EARLY, ["a"]), (DONE, None)])
def test_all_else_is_dropped_as_before(end, fragments):
    ours, own = (waiting(clear, end, fragments) for clear in (message_queue.clear, message_queue._clear))
    assert ours == own == ["end", "by the fragment"]


def test_the_server_uses_it(monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", message_queue._clear)
    monkeypatch.setattr(widget_values, "install", lambda: None)
    runpy.run_path(str(ROOT / "app.py"))
    assert ForwardMsgQueue.clear is message_queue.clear
