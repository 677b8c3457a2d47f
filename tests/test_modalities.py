"""Not only images: two new files, a set of texts and a method for words, go all the way from the data to the page."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from explorer import Refused, data
from explorer.data import Embedded, Images, modalities, register, registry
from explorer.data.raw import Raw
from tests import screen_text

ROOT = Path(__file__).resolve().parents[1]

DATASET = '''"""Sentences about three things: a data set for a test."""

from pathlib import Path

import numpy as np

from explorer.data.dataset import Images
from explorer.data.raw import Raw
from explorer.data.registry import Embedded, register

TOPICS = {
    "weather": "rain snow wind cloud storm sun".split(),
    "kitchen": "bread salt pan oven soup knife".split(),
    "music": "drum song flute choir violin note".split(),
}
LENGTH = 10


def read(size: int, scratch: Path) -> Raw:
    """Four to ten words of a topic, one in five of another one; short sentences are filled up."""
    words, rng = ("", *sum(TOPICS.values(), [])), np.random.default_rng(0)
    y = np.arange(600) % len(TOPICS)
    about = np.where(rng.random((600, LENGTH)) < 0.2, rng.integers(0, 3, (600, LENGTH)), y[:, None])
    x = 1 + 6 * about + rng.integers(0, 6, (600, LENGTH))
    x[np.arange(LENGTH) >= rng.integers(4, LENGTH + 1, 600)[:, None]] = 0
    images = Images(x.astype(np.int32), y.astype(np.int64), {})
    return Raw(tuple(TOPICS), {"train": images}, modality="text", words=words)


register("sentences", Embedded("Sentences", "600 sentences.", "drawn", (LENGTH,), tuple(TOPICS), read, "text"))
'''

METHOD = '''"""Masked word: a method for a test."""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, Needs, method


class Config(MethodConfig):
    """Hyperparameters of the test's method."""

    dim: int = Field(16, ge=2, le=64, description="numbers in the code of a sentence")


@method("Masked word", family="language", paper="none", equation="-\\\\log p(w)", needs=Needs(modality="text"))
class MaskedWord(Method):
    """Guess a word of a sentence from the mean of the others."""

    uses_encoder = False

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.words = nn.Embedding(spec.vocabulary, cfg.dim, padding_idx=0)
        self.head = nn.Linear(cfg.dim, spec.vocabulary)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The sentence without its first, second, third or fourth word, and that word."""
        at = torch.randint(0, 4, (len(batch.x), 1), generator=rng, device=batch.x.device)
        return {"sentence": batch.x.scatter(1, at, 0), "word": batch.x.gather(1, at)[:, 0]}

    def loss(self, sentence: Tensor, word: Tensor) -> dict[str, Tensor]:
        return {"loss": F.cross_entropy(self.head(self.embed(sentence)), word)}

    def embed(self, x: Tensor) -> Tensor:
        return self.words(x).sum(1) / (x > 0).sum(1, keepdim=True).clamp(min=1)

    def chance(self, batch_size: int) -> float:
        return math.log(self.spec.vocabulary)
'''


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the source with the two new files, and folders of its own; returns how to run Python in it."""
    root = tmp_path_factory.mktemp("house")
    for name in ("explorer", "pages", "checkpoints/shipped"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests/methods").mkdir(parents=True)
    for name in (
        "pyproject.toml",
        "tests/conftest.py",
        "tests/methods/test_contract.py",
        "tests/methods/contract_cases.py",
    ):
        shutil.copy(ROOT / name, root / name)
    (root / "explorer/data/builtin/sentences.py").write_text(DATASET)
    (root / "explorer/methods/masked_word.py").write_text(METHOD)
    (root / "data").mkdir()
    own = {f"EXPLORER_{name.upper()}": str(root / name) for name in ("runs", "data", "cache")}

    def python(*words):
        command = [sys.executable, *(words if words[0] == "-m" else ("-c", words[0]))]
        env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root), **own}
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    python.root = root
    return python


@pytest.fixture(scope="module")
def trained(house):
    """What the command line says of the training, in which nothing but the two files is new."""
    command = ("-m", "explorer", "train", "masked_word", "sentences", "--foreground", "--json")
    return json.loads(house(*command, "--epochs", "30", "--lr", "0.02", "--dim", "8").splitlines()[-1])


def test_a_method_on_words_trains_like_any_other(house, trained):
    assert trained["state"] == "done"
    assert trained["scores"]["knn"] > 0.7, "a third would be right by lot"
    folder = house.root / "runs" / trained["run"]
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    watched = [row for row in rows if "knn" in row]
    assert rows[0]["chance"] == pytest.approx(np.log(19))
    losses = [row["train_loss"] for row in rows if "train_loss" in row]
    assert losses[-1] < losses[0]
    assert all("rank" in row and "alignment" not in row for row in watched), "words have no crops that must stay alike"
    assert set(json.loads((folder / "scores.json").read_text())["references"]) == {"Untrained"}
    with np.load(sorted(folder.glob("frames/*.npz"))[-1]) as frame:
        assert frame["features"].shape[1] == 8


def test_its_weights_open_again_and_say_what_they_were_made_for(house, trained):
    said = house(LOADED.format(run=trained["run"])).splitlines()
    assert json.loads(said[0]) == ["text", [10], 19, ["weather", "kitchen", "music"]]
    assert said[1] == "(5, 8) 8"
    assert said[2].endswith(
        "takes text data, and digits is image data: choose a model that has learned from image data"
    )
    assert said[3].startswith("pixels takes image data, and sentences is text data")


LOADED = """
import json
from explorer import Refused, data
from explorer.models import loading

dataset = data.load("sentences")
model = loading.load("{run}", dataset)
spec = model.spec
print(json.dumps([spec.modality, spec.shape, spec.vocabulary, spec.classes]))
print(model.embed(dataset.splits["test"].x[:5]).shape, model.dim)
for ref, name in (("{run}", "digits"), ("pixels", "sentences")):
    try:
        loading.load(ref, data.load(name))
    except Refused as refused:
        print(refused)
"""


def test_there_is_a_map_of_it(house, trained, tmp_path):
    """As a job, in this process instead of an engine's."""
    out = tmp_path / "map.npz"
    house(MAP.format(run=trained["run"], out=out))
    with np.load(out) as drawn:
        assert drawn["coords"].shape == (len(drawn["rows"]), 2)
        assert np.isfinite(drawn["coords"]).all()
        near = drawn["y"][drawn["neighbours"]]
        assert (near == drawn["y"][:, None]).mean() > 0.6, "a third would be of its class by lot"


MAP = """
import shutil
from explorer import runs
from explorer.cli import execution
from explorer.tasks.request import request
from explorer.tasks.training import request as training_request

run = execution.run_in_process(runs.create(request("map", "{run}", "sentences", how="pca")))
assert run.status.state == "done", run.status.error
shutil.copy(run.folder / "result.npz", "{out}")
"""


def test_a_method_that_needs_another_kind_of_data_is_refused_in_a_sentence(house):
    said = json.loads(house(REFUSED))
    assert said == [
        "masked_word needs text data, and digits is image data: choose another data set",
        "simclr needs image data, and sentences is text data: choose another data set",
        "'sentences' is text, which has no size in pixels: give 0, not 16",
    ]


REFUSED = """
import json
from explorer import Refused, data
from explorer.tasks.request import request
from explorer.tasks.training import request as training_request

said = []
for ask in (
    lambda: training_request.train("masked_word", "digits", {}, {}),
    lambda: training_request.train("simclr", "sentences", {}, {}),
    lambda: data.load("sentences", 16),
):
    try:
        ask()
    except Refused as refused:
        said.append(str(refused))
print(json.dumps(said))
"""


def test_the_new_method_meets_the_contract_of_every_method(house):
    assert " passed" in house("-m", "pytest", "tests/methods/test_contract.py", "-k", "masked_word")


@pytest.mark.parametrize("page", ["data", "new", "embeddings", "methods", "transfer"])
def test_every_page_that_can_show_texts_opens_on_them(page, house, trained):
    said = json.loads(house(PAGE.format(page=page, run=trained["run"])).splitlines()[-1])
    if page == "data":
        text = screen_text.unlinked(said["text"])
        assert "600 texts of up to 10 words (vocabulary of 19" in text and "3 classes" in text
        assert "no two texts are identical in their words" in text or "groups of texts" in text
        assert "pixels" not in said["text"].partition("On this machine itself")[0]
    if page == "new":
        assert said["methods"] == ["Masked word  ·  language"]
        assert "SimCLR needs image data, and sentences is text data" in said["text"]
        assert "masked_word.train.size" not in said["keys"]
    if page in ("embeddings", "transfer"):
        assert len(said["models"]) == 1, "neither pixels nor a network for images can look at words"


@pytest.mark.parametrize("page", ["views", "latents"])
def test_a_page_about_pictures_does_not_offer_texts(page, house, trained):
    said = json.loads(house(PAGE.format(page=page, run="digits-autoencoder")).splitlines()[-1])
    assert "Sentences" not in said["datasets"]


PAGE = """
import json
from streamlit.testing.v1 import AppTest
from explorer.engine.dask import cluster
from pages.ui.kit import url_state

cluster.wake = lambda: None
url_state.link = lambda *words, **query: None
at = AppTest.from_file("pages/{page}.py", default_timeout=120)
at.query_params.update({{"data": "sentences", "target": "sentences", "run": "{run}", "model": "{run}"}})
if "{page}" == "methods":
    at.query_params["method"] = "masked_word"
at.run()
assert not at.exception, at.exception
assert not at.error, at.error
boxes = {{box.key: box.options for box in at.selectbox}}
words = [it.value.replace(chr(92), "") for kind in (at.markdown, at.caption) for it in kind]
keys = [it.key for kind in ("slider", "number_input", "selectbox", "toggle") for it in at.get(kind)]
names = {{"methods": "method", "models": "model", "datasets": "data"}}
found = {{name: [it for it in boxes.get(key, ()) if it] for name, key in names.items()}}
print(json.dumps({{"text": " ".join(words), "keys": keys, **found}}))
"""


def test_the_picture_of_a_text_is_its_words(house):
    said = json.loads(house(THUMBS).splitlines()[-1])
    assert said["statuses"] == [200, 200, 404, 404]
    assert said["type"] == "image/png"
    assert said["differ"]
    assert set(said["caption"].removesuffix(" …").split()) <= set(DATASET.replace('"', " ").split())
    assert len(said["caption"].split()) >= 4


THUMBS = """
import json
from starlette.requests import Request
from explorer import data
from pages.ui.app import routes


def asked(split, row):
    parts = {"name": "sentences", "split": split, "row": row}
    return routes.thumb(Request({"type": "http", "path_params": parts, "query_string": b"", "headers": []}))


answers = [asked("validation", 0), asked("validation", 1), asked("validation", 99999), asked("nosplit", 0)]
print(json.dumps({
    "statuses": [it.status_code for it in answers],
    "type": answers[0].media_type,
    "differ": answers[0].body != answers[1].body,
    "caption": data.caption(data.load("sentences"), "validation", 0),
}))
"""


# ----------------------------------------------------------------------------------- sets of each kind, in this process


@pytest.fixture
def entered(monkeypatch):
    """Enters a data set of a kind for one test."""

    def enter(name, modality, x, words=(), rate=0, version=0):
        y = np.arange(len(x)) % 2
        raw = Raw(("a", "b"), {"train": Images(x, y, {})}, modality=modality, words=words, rate=rate)
        about = Embedded(name.title(), "rows.", "made", x.shape[1:], ("a", "b"), lambda *_: raw, modality, version)
        monkeypatch.setitem(registry.EMBEDDED, name, about)

    return enter


ROWS = {
    "text": np.arange(40 * 5, dtype=np.int32).reshape(40, 5) % 7,
    "audio": (np.sin(np.arange(40 * 400).reshape(40, 1, 400) / 9) * 30_000).astype(np.int16),
    "video": np.arange(40 * 3 * 3 * 8 * 8, dtype=np.int64).reshape(40, 3, 3, 8, 8).astype(np.uint8),
}


@pytest.mark.parametrize("modality", ROWS)
def test_the_cache_keeps_the_rows_of_every_kind_as_they_are(modality, entered):
    words = tuple("abcdefg") if modality == "text" else ()
    entered(f"kept_{modality}", modality, ROWS[modality], words, rate=100)
    for _ in range(2):  # decoded, then from the cache
        dataset = data.load(f"kept_{modality}")
        rows = np.concatenate([images.x for images in dataset.splits.values()])
        assert rows.dtype == ROWS[modality].dtype
        assert {row.tobytes() for row in rows} == {row.tobytes() for row in ROWS[modality]}
        assert (dataset.modality, dataset.shape, dataset.rate) == (modality, ROWS[modality].shape[1:], 100)
        assert (dataset.words, dataset.vocabulary, dataset.size) == (words, len(words), 0)
    pictures = data.thumbnails(dataset, "train", [0, 1, 2])
    assert pictures.dtype == np.uint8 and pictures.ndim == 4 and len(pictures) == 3 and pictures.shape[1] in (1, 3)
    assert len({picture.tobytes() for picture in pictures}) > 1 or modality == "audio"
    card = data.card(f"kept_{modality}")
    assert sum(map(sum, card["counts"].values())) == 40
    assert "mean_image" not in card


def test_a_sound_is_drawn_as_loud_as_it_is(entered):
    x = np.zeros((40, 1, 400), np.int16)
    x[1::2] = np.where(np.arange(400) % 2, 30_000, -30_000)
    entered("loud", "audio", x, rate=100)
    dataset = data.load("loud")
    quiet, loud = (np.flatnonzero(dataset.splits["train"].y == label)[0] for label in (0, 1))
    ink = (data.thumbnails(dataset, "train", [quiet, loud]) < 128).mean((1, 2, 3))
    assert ink[0] < 0.05 and ink[1] > 0.85
    assert data.caption(dataset, "train", 0) == "4.0 s"


def test_the_hash_covers_the_words_and_the_kind_and_a_new_version_reads_again(entered):
    hashes = []
    for version, words in enumerate([tuple("abcdefg"), tuple("abcdefg"), tuple("gfedcba")]):
        entered("hashed", "text", ROWS["text"], words, version=version)
        dataset = data.load("hashed")
        assert dataset.words == words
        hashes.append(dataset.hash)
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("modality", "x", "rule"),
    [
        ("text", ROWS["text"].astype(np.int64), r"int64 with 1 axes: texts must be int32 with 1"),
        ("text", ROWS["text"][:, None], r"int32 with 2 axes: texts must be int32 with 1"),
        ("text", ROWS["text"] + 5, r"words of 'wrong_\d' are 5 to 11: its vocabulary has 0 to 6"),
        ("audio", ROWS["text"][:, None], r"recordings must be int16"),
        ("image", ROWS["video"], r"images must be uint8 with 3"),
    ],
)
def test_rows_that_are_not_stored_as_their_kind_must_be_are_refused(modality, x, rule, entered):
    name = f"wrong_{x.ndim}"
    entered(name, modality, x, tuple("abcdefg"))
    with pytest.raises(Refused, match=rule):
        data.load(name, 8 if modality == "image" else 0)


def test_rows_of_another_kind_than_the_registered_one_are_refused(monkeypatch):
    raw = Raw(("a", "b"), {"train": Images(ROWS["text"], np.arange(40) % 2, {})}, words=tuple("abcdefg"))
    about = Embedded("Poems", "rows.", "made", (5,), ("a", "b"), lambda *_: raw, "text")
    monkeypatch.setitem(registry.EMBEDDED, "forgetful", about)
    with pytest.raises(Refused, match=r"is text, but its rows were read as image: give Raw\(modality='text'"):
        data.load("forgetful")


def test_two_data_sets_of_one_name_fail_loudly():
    assert modalities.DISPLAYS.keys() == data.DISPLAYS.keys()
    with pytest.raises(RuntimeError, match="two data sets are called 'digits'"):
        register("digits", Embedded("Digits", "others.", "made", (1, 8, 8), ("a",), lambda *_: None))


def test_image_sets_have_the_hashes_that_they_always_had():
    assert data.load("digits").hash == "093384be049c1de685e557b38e93f81b"
    assert data.load("digits", 12).hash == "3848983c14c828bd45f1974ad7672b0e"
    assert data.load("shapes").hash == "129f4468c6a95898d95ed5287e04ca83"
    assert data.fingerprint("digits") == "d90786f3347658e6"
