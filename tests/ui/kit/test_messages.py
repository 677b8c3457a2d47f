"""Words on the pages: numbers and lengths of time as people say them, what runs are called, a full disk."""

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.runs import Spec
from pages.ui.kit import messages
from pages.ui.runs import lineage, run_labels


def test_text_of_a_user_stays_text():
    at = AppTest.from_string(
        "import streamlit as st; from pages.ui.kit import messages;"
        "st.markdown(messages.plain('*a* [b](c) $d$ <e> :red[f]'))"
    ).run(timeout=60)
    assert at.markdown[0].value == r"\*a\* \[b\]\(c\) \$d\$ \<e\> \:red\[f\]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no map yet", "No map yet."), ("is it k-means?", "Is it k-means?"),
        ("codes.npy is damaged", "codes.npy is damaged."),
        ("t-SNE needs more points", "t-SNE needs more points."), ("vit_b_16 is not here", "vit_b_16 is not here."),
    ],
)  # fmt: skip
def test_a_sentence_begins_with_a_capital_letter_or_with_a_name_as_it_is_spelled(text, said):
    assert messages.sentence(text) == said


@pytest.mark.parametrize(("words", "said"), [("a", "a"), ("ab", "a and b"), ("abc", "a, b and c"), ("", "")])
def test_words_in_a_row_are_enumerated(words, said):
    assert messages.enumerated(list(words)) == said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.004, "4 ms"), (2.5, "2.5 s"), (9.97, "10 s"), (19.0, "19 s"), (59.7, "1 min 0 s"), (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_said_as_people_say_them(seconds, words):
    assert messages.duration(seconds) == words


@pytest.mark.parametrize(("size", "words"), [(512, "512 B"), (3_400_000, "3.4 MB"), (250_000, "250 kB")])
def test_amounts_are_said_as_people_say_them(size, words):
    assert messages.amount(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (8.4, "8 s"), (38, "40 s"), (58, "1 min"), (250, "4 min"), (9000, "2.5 h")]
)
def test_a_guess_is_said_without_false_precision(seconds, words):
    assert messages.roughly(seconds) == words


@pytest.mark.parametrize(
    ("n", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_places_in_a_queue_are_said_as_people_say_them(n, words):
    assert messages.ordinal(n) == words


def test_a_clone_names_the_hyperparameters_that_are_others():
    parent = Spec(
        kind="train", title="a", method="simclr", dataset="digits", hyperparameters={"temperature": 0.5, "flip": True}
    )
    clone = parent.model_copy(update={"hyperparameters": {"temperature": 0.2, "flip": False}})
    assert lineage.changes(clone, parent).replace("\N{NO-BREAK SPACE}", " ") == "temperature 0.5 → 0.2, flip on → off"
    assert lineage.changes(parent, parent) == ""


def test_a_clone_says_what_a_zero_stood_for():
    parent = Spec(kind="train", title="a", method="simclr", dataset="digits", train={"subset": 0, "seed": 0})
    clone = parent.model_copy(update={"train": {"subset": 500, "seed": 1}})
    words = lineage.changes(clone, parent).replace("\N{NO-BREAK SPACE}", " ")
    assert words == "subset all images → 500, seed 0 → 1"


def test_runs_of_a_set_are_called_by_what_differs():
    spec = Spec(
        kind="train", title="a", method="simclr", dataset="digits", hyperparameters={"temperature": 0.5}, group="set"
    )
    made = [runs.create(spec.model_copy(update={"hyperparameters": {"temperature": t}})) for t in (0.1, 0.25)]
    assert run_labels.labels(made) == ["temperature 0.1", "temperature 0.25"]
    lone = runs.create(spec.model_copy(update={"group": "", "title": "b"}))
    assert run_labels.sweeps([made[1], lone, made[0]]) == [[made[1], made[0]], [lone]]
    assert list(run_labels.distinguishing([*made, lone]).values()) == ["temperature 0.1", "temperature 0.25"]


def test_a_full_disk_is_said_in_a_sentence_and_the_rest_of_the_page_stands():
    at = AppTest.from_string("""
import errno
import streamlit as st
from pages.ui.kit import messages
with messages.guard():
    raise OSError(errno.ENOSPC, "No space left on device")
st.write("the rest")
""").run(timeout=60)
    assert at.error[0].value == messages.plain(messages.FULL)
    assert at.markdown[0].value == "the rest"


def test_the_end_of_a_page_does_not_swallow_a_click_that_came_meanwhile(monkeypatch):
    stopped = []
    monkeypatch.setattr(ScriptRequests, "request_stop", lambda requests: stopped.append(requests))
    at = AppTest.from_function(ended).run(timeout=60)
    assert [it.value for it in at.markdown] == ["before"] and not at.exception
    assert not stopped, "it would drop the request for the next run"


def ended() -> None:
    import streamlit as st

    from pages.ui.kit import messages

    st.markdown("before")
    messages.stop()
    st.markdown("after")
