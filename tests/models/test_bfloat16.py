"""Bfloat16 on a processor: what is measured is remembered and told, and decides nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
import torch

from explorer.core import TrainConfig
from explorer.models import bfloat16
from explorer.tasks.training import request
from explorer.train import precision


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Makes a processor that gains so much, with the instructions or without; gives the list of its measurements."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bfloat16, "device", lambda: torch.device("cpu"))
    measured = []

    def make(gain, instructions=True):
        bfloat16._remembered.cache_clear()
        monkeypatch.setattr(bfloat16, "measure", lambda: measured.append(gain) or gain)
        monkeypatch.setattr(bfloat16, "has_bfloat16", lambda: instructions)
        return measured

    yield make
    bfloat16._remembered.cache_clear()


@pytest.mark.parametrize(("gain", "words"), [(0.1, "about 10 times slower"), (0.6, "about 1.7 times slower")])
def test_where_it_is_slow_one_sentence_says_how_slow(gain, words, processor):
    processor(gain)
    assert words in bfloat16.warning("bfloat16")
    assert bfloat16.warning("bfloat16").count(". ") == 0
    assert not bfloat16.warning("auto") and not bfloat16.warning("float32")


@pytest.mark.parametrize("gain", [0.9, 1.0, 2.3])
def test_where_it_is_not_slow_nothing_is_said(gain, processor):
    processor(gain)
    assert not bfloat16.warning("bfloat16")


@pytest.mark.parametrize(
    ("gain", "instructions", "told"), [(2.33, True, True), (1.1, True, False), (0.1, True, False), (2.33, False, False)]
)
def test_it_is_recommended_where_the_processor_knows_it_and_clearly_gains(gain, instructions, told, processor):
    processor(gain, instructions)
    assert ("about 2.3 times as fast" in bfloat16.recommendation()) == told


def test_a_machine_is_measured_once(processor, tmp_path):
    measured = processor(2.0)
    assert bfloat16.gain() == bfloat16.gain() == 2.0
    bfloat16._remembered.cache_clear()  # another process
    assert bfloat16.gain() == 2.0
    assert measured == [2.0]
    assert len(json.loads((tmp_path / "cache/machine/bfloat16.json").read_bytes())) == 1


def test_two_threads_of_a_page_measure_one_after_the_other(processor, monkeypatch):
    measured = processor(2.0)
    monkeypatch.setattr(bfloat16, "measure", lambda: (measured.append(2.0), sleep(0.2))[0] or 2.0)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda _: bfloat16.gain(), range(2))) == [2.0, 2.0]
    assert measured == [2.0]


@pytest.mark.parametrize("content", ["", "[1]", '{"x": "fast"}', "{"])
def test_a_damaged_file_is_measured_anew(content, processor, tmp_path):
    processor(0.5)
    (tmp_path / "cache/machine").mkdir(parents=True)
    (tmp_path / "cache/machine/bfloat16.json").write_text(content)
    assert bfloat16.gain() == 0.5


def test_where_nothing_can_be_stored_it_is_measured_all_the_same(processor, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file"))
    processor(0.5)
    assert bfloat16.gain() == 0.5


@pytest.mark.parametrize("gain", [0.1, 10.0])
def test_no_measured_time_decides_what_a_run_computes(gain, processor):
    processor(gain)
    with precision(TrainConfig(precision="auto"), torch.device("cpu")):
        assert torch.mm(torch.ones(2, 2), torch.ones(2, 2)).dtype == torch.float32
    with precision(TrainConfig(precision="bfloat16"), torch.device("cpu")):
        assert torch.mm(torch.ones(2, 2), torch.ones(2, 2)).dtype == torch.bfloat16


def test_a_measurement_leaves_threads_and_random_numbers_as_they_were():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    assert 0.001 < bfloat16.measure() < 1000
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_a_request_says_so_unless_another_machine_trains(processor, monkeypatch):
    processor(0.1)
    slow, auto = (request.train("pca", "digits", {}, {"precision": it}) for it in ("bfloat16", "auto"))
    assert "10 times slower" in request.slow_precision(slow)
    assert not request.slow_precision(auto)
    monkeypatch.setenv("EXPLORER_SCHEDULER", "tcp://elsewhere:1")
    assert not request.slow_precision(slow)
