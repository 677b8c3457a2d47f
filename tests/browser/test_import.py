"""Finished vectors are imported in a browser: each format becomes a map, and a wrong file a sentence."""

import io
import re

import numpy as np
import pyarrow as pa
from playwright.sync_api import expect
from pyarrow import parquet

from tests.browser.conftest import settled

N = 40
X = np.random.default_rng(0).normal(size=(N, 3))
WORDS = [f"class {i % 2}" for i in range(N)]


def saved(name: str) -> list[tuple[str, bytes]]:
    """The same vectors in the files of each format, by the name of the first one."""
    made, lines = io.BytesIO(), [",".join(map(str, row)) for row in X]
    if name.endswith("npy"):
        np.save(made, X)
    elif name.endswith("npz"):
        np.savez(made, vectors=X, label=WORDS)
    elif name.endswith("csv"):
        made.write("\n".join(["a,b,c,label", *map(",".join, zip(lines, WORDS, strict=True))]).encode())
    elif name.endswith("parquet"):
        parquet.write_table(pa.table({**dict(zip("abc", X.T, strict=True)), "label": WORDS}), made)
    else:
        return [(name, "\n".join(lines).replace(",", "\t").encode()), ("metadata.tsv", "\n".join(WORDS).encode())]
    return [(name, made.getvalue())]


def drop(page, form, *files: tuple[str, bytes]) -> None:
    """Put these files into the place of those that are there."""
    remove = form.get_by_role("button", name="Remove")
    for left in range(remove.count() - 1, -1, -1):
        remove.first.click()
        expect(remove).to_have_count(left)
        settled(page)
    kind = "application/octet-stream"
    given = [{"name": name, "mimeType": kind, "buffer": content} for name, content in files]
    form.locator("input[type=file]").set_input_files(given)


def test_each_format_becomes_a_set_with_its_map_and_a_wrong_file_a_sentence(server, visit):
    page = visit(server, "/embeddings?data=digits&model=pixels&maps=PCA")
    form, cube = page.get_by_test_id("stPopoverBody"), io.BytesIO()
    keep = form.get_by_role("button", name="Import and show their map")
    np.save(cube, X.reshape(4, 10, 3))
    page.get_by_role("button", name="Import vectors").click()
    for files, words in (
        ([("notes.npy", b"no numbers\n" * 9)], "notes.npy is damaged, or no file of numpy"),
        ([("cube.npy", cube.getvalue())], "cube.npy has the shape (4, 10, 3): give two axes"),
        (
            [*saved("one.npy"), ("labels.csv", "\n".join(WORDS[1:]).encode())],
            "labels.csv has 39 rows and one.npy has 40",
        ),
    ):
        drop(page, form, *files)
        form.get_by_text(words).wait_for()
        assert not keep.count()
    for name in ("one.npy", "two.npz", "three.csv", "four.tsv", "five.parquet"):
        stem = name.partition(".")[0]
        if not form.count():
            page.get_by_role("button", name="Import vectors").click()
        drop(page, form, *saved(name))
        form.get_by_text(f"{N} vectors of 3 numbers").wait_for()
        expect(form.get_by_text("is the label (2 classes)")).to_have_count(int(name != "one.npy"))
        keep.click()
        page.wait_for_url(re.compile(f"data={stem}(&|$)"))
        page.wait_for_selector(f".st-key-map-pca-{stem} .unfold-chart[data-drawn]")
        same = "points of one class" if name == "one.npy" else "nearest neighbours share its class"
        page.get_by_text(same).first.wait_for()
