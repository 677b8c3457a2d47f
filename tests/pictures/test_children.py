"""The processes that decode: what one bad picture costs, and that nothing else suffers from it."""

import io
import os
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from PIL import Image

from explorer import Refused
from explorer.pictures import children
from explorer.pictures.children import GivenUp
from explorer.pictures.decode import Picture, Wanted

EVIL = """
import os, signal, time
from explorer.pictures import child, decode

def spin():
    while True: pass

def write():
    os.write(os.open("/tmp", os.O_TMPFILE | os.O_RDWR), b"x")

def decoded(data, image, wanted, usual=decode._decoded):
    evil = {11: spin, 12: lambda: bytearray(3 << 30), 13: lambda: os.kill(os.getpid(), signal.SIGSEGV), 14: write,
            15: lambda: time.sleep(60), 16: lambda: print("what a library says", flush=True), 17: lambda: os._exit(3)}
    evil.get(image.width, int)()
    return usual(data, image, wanted)

decode._decoded, child.SECONDS, child.IDLE = decoded, 1, 20
decode.limits.SECONDS = 1
child.main()
"""
REASONS = {
    12: "takes too much memory",
    13: "breaks off its decoder (SIGSEGV)",
    14: "cannot be decoded ([Errno 27] File too large",
    15: "takes too long or too much memory",
    17: "breaks off its decoder (status 3)",
}


@pytest.fixture(autouse=True)
def none_before(monkeypatch):
    monkeypatch.setattr(children, "_idle", children.deque())
    yield
    children.end_all()


def png(width, height=10, colour=128):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (colour, 0, 0)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_that_breaks_its_decoder_is_named_and_all_others_are_read(monkeypatch):
    monkeypatch.setattr(children, "COMMAND", (sys.executable, "-c", EVIL))
    monkeypatch.setattr(children, "PATIENCE", 4.0)
    widths = [10, 10, 12, 13, 10, 14, 16, 17, 15, 10]
    answers = list(children.decode([png(width, colour=7 * i) for i, width in enumerate(widths)], Wanted(8)))
    for i, (width, answer) in enumerate(zip(widths, answers, strict=True)):
        if width in REASONS:
            assert REASONS[width] in answer
            assert isinstance(answer, GivenUp) == (width not in (12, 14)), "these two cost no process"
        else:
            assert answer.pixels[0, 0, 0] == 7 * i


def test_a_picture_that_is_decoded_for_ever_is_given_up_after_seconds_of_a_processor(monkeypatch):
    monkeypatch.setattr(children, "COMMAND", (sys.executable, "-c", EVIL))
    answers = children.decode([png(10), png(11), png(10)], Wanted(8))
    assert answers[1] == "an image that takes too long to decode", "and not after a minute without an answer"
    assert all(isinstance(answer, Picture) for answer in answers[::2])


@pytest.mark.parametrize(
    "says",
    [
        b"no JSON\n",
        b"[]\n",
        b"{}\n",
        b"[5]\n",
        b'[{"shape": [3, 9, 9], "mark": "", "notes": [], "bits": [0, 0]}]\n' + bytes(243),
        b'[{"shape": [3, 8, 8], "mark": "x", "notes": [], "bits": [0, 0]}]\n' + bytes(192),
        b'[{"shape": [3, 8, 8]}]\n' + bytes(192),
        b'[{"shape": "many", "mark": "", "notes": [], "bits": [0, 0]}]\n',
        b'[{"shape": [3, 8, 8], "mark": "", "notes": [], "bits": [0, 0]}]\n' + bytes(100),
    ],
)
def test_what_a_decoder_answers_is_believed_only_if_it_is_a_picture_of_that_size(says, monkeypatch):
    liar = "import sys; out = sys.stdout.buffer; out.write(b'ready\\n'); out.flush(); sys.stdin.buffer.readline(); "
    monkeypatch.setattr(
        children, "COMMAND", (sys.executable, "-c", f"{liar}out.write({says!r}); out.flush(); sys.exit(1)")
    )
    (answer,) = children.decode([png(9)], Wanted(8))
    assert isinstance(answer, GivenUp)


def test_a_process_that_cannot_be_started_is_one_sentence(monkeypatch):
    monkeypatch.setattr(children, "COMMAND", (sys.executable, "-c", "raise ImportError('no Pillow here')"))
    with pytest.raises(Refused, match=r"no process that decodes .* \(ImportError: no Pillow here\): see that .* has"):
        list(children.decode([png(9)], Wanted(8)))


def test_a_process_that_ended_while_it_was_idle_is_nobodys_fault():
    (_,) = children.decode([png(9)], Wanted(8))
    (child,) = children._idle
    child.process.kill()
    (answer,) = children.decode([png(9)], Wanted(8))
    assert isinstance(answer, Picture) and children._idle[0] is not child


def test_a_process_serves_the_next_caller_too():
    pids = []
    for _ in range(3):
        (_,) = children.decode([png(9)], Wanted(8))
        pids.append(children._idle[0].process.pid)
    assert len(set(pids)) == 1 == len(children._idle)


def test_who_wants_no_more_pictures_leaves_no_process_busy():
    answers = children.decode_all(lambda name: png(9), ["a"] * 200, Wanted(8), 2)
    next(answers)
    answers.close()
    assert all(child.is_idle() for child in children._idle)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_process_ends_with_the_one_that_started_it(end):
    code = "import sys, time; from explorer.pictures import children as c; it = c._Child(); "
    code += "print(it.process.pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=children.SOURCE)
    pid = int(parent.stdout.readline())
    parent.send_signal(end)
    parent.wait()
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(20)
    assert not psutil.pid_exists(pid)


def test_files_are_read_and_answered_in_order_by_several(tmp_path):
    def read(name):
        if name.endswith("3"):
            raise ValueError("a three")
        return png(9, colour=int(name))

    names = [str(i) for i in range(100)]
    answers = list(children.decode_all(read, names, Wanted(8), 3))
    assert [answer if isinstance(answer, str) else answer.pixels[0, 0, 0] for answer in answers] == [
        "a three" if i % 10 == 3 else i for i in range(100)
    ]
    assert 0 < len(children._idle) <= 3


def test_a_forked_process_starts_its_own():
    (_,) = children.decode([png(9)], Wanted(8))
    pid = os.fork()
    if not pid:
        os._exit(len(children._idle))
    assert os.waitpid(pid, 0)[1] == 0 and len(children._idle) == 1
