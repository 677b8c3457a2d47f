"""Pages stand whatever became of somebody's run, and its own page says what is damaged."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from explorer import engine, runs
from pages.ui.kit import url_state
from tests import damage

DAMAGED = ("spec.json", "status.json", "title.txt", "metrics.jsonl", "scores.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a finished run, and one for every damage."""
    root = tmp_path_factory.mktemp("runs")
    source = runs.SHIPPED / "digits-simclr"
    for name in ("whole", *(f"{file.partition('.')[0]}-{k}" for file in DAMAGED for k in range(len(damage.CONTENTS)))):
        shutil.copytree(source, root / name)
    for file in DAMAGED:
        for k, content in enumerate(damage.CONTENTS.values()):
            (root / f"{file.partition('.')[0]}-{k}" / file).write_bytes(content)
    return root


def opened(page: str, **query: str) -> AppTest:
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/{page}.py", default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    return at


@pytest.fixture(autouse=True)
def here(folder, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(folder))
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)  # pages under test have no other page to lead to
    monkeypatch.setattr(engine, "reconcile", lambda: None)  # what is queued here wakes no engine


@pytest.mark.parametrize("page", ["home", "runs", "latents", "embeddings", "transfer", "new"])
def test_every_page_stands(page):
    opened(page)


@pytest.mark.parametrize("file", DAMAGED)
@pytest.mark.parametrize("k", range(len(damage.CONTENTS)), ids=list(damage.CONTENTS))
def test_its_own_page_stands(file, k):
    at = opened("runs", run=f"{file.partition('.')[0]}-{k}")
    if file in ("spec.json", "status.json") and "fields" not in list(damage.CONTENTS)[k]:  # those are of other versions
        assert "damaged" in " ".join(it.value for it in (*at.error, *at.warning, *at.markdown, *at.caption))
