"""Writing a story: the records, frames and thumbnails of a training that has ended, without its weights."""

import hashlib
from typing import Any

import numpy as np

from explorer.data.photos import resized
from explorer.errors import Refused
from explorer.runs import Run, metrics
from explorer.runs.run import json_bytes
from explorer.tasks.stories import frames, records, replayed
from explorer.tasks.stories.layout import ABOUT, FORMAT, FRAMES, METRICS, README, SCORES, SIDE, THUMBNAILS

LEFT_OUT = ("user", "group", "lesson")  # of a spec: whose it was is nobody's business elsewhere
TEXT = """{title}
{line}

{words}
A training as Unfold has recorded it: python -m explorer story FILE.zip --open shows it again, without training.

story.json      what was trained, how it ended, and the SHA-256 of every file
metrics.jsonl   its curves; scores.json: the probes on the test split
frames/         moments of the training: features of the probe images, and pictures
thumbnails.npz  the probe images themselves, small: of data set {data}, whose terms they are under
"""


def contents(run: Run, words: str) -> dict[str, bytes]:
    """The files of a story by name; raises `Refused` where there is nothing to replay."""
    kept = frames_of(run)
    if not kept:
        raise Refused(f"{run.id} has no frames to replay: train it again, and export it then")
    first = next(iter(kept.values()))
    source = replayed.source(run)
    rows = [records.finite(row) for row in run.metrics()]
    files = {
        METRICS: b"".join(map(metrics.encode, rows)),
        **({SCORES: json_bytes(records.finite(run.scores()))} if run.scores() else {}),
        **{f"frames/{step:06d}.npz": frames.packed(frame) for step, frame in kept.items()},
    }
    if source is not None:
        images = small(source.pictures(first["rows"]))
        files[THUMBNAILS] = frames.packed({"rows": first["rows"].astype(np.int64), "images": images})
    classes = list(source.classes if source else map(str, range(int(first["y"].max()) + 1)))
    words = "".join(filter(str.isprintable, " ".join(words.split())))
    about = described(run, words, classes, source.title if source else run.spec.dataset)
    about["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    text = TEXT.format(
        title=run.title, line="=" * len(run.title), words=f"{words}\n" * bool(words), data=run.spec.dataset
    )
    return {ABOUT: json_bytes(about), **files, README: text.encode()}


def described(run: Run, words: str, classes: list[str], title: str) -> dict[str, Any]:
    """`story.json` without its list of files."""
    status = records.finite(run.status.model_dump(mode="json")) | records.sentences(run.status)
    return {
        "format": FORMAT, "id": run.id, "title": run.title, "words": words,
        "spec": run.spec.model_dump(mode="json", exclude=set(LEFT_OUT)),
        "status": {**status, "start_tag": None}, "data": {"name": run.spec.dataset, "title": title}, "classes": classes,
        "files": {},
    }  # fmt: skip


def frames_of(run: Run) -> dict[int, frames.Arrays]:
    """The frames of a run that are sound and of the same images as the last, at most as many as a story takes."""
    steps = run.frames()
    some = sorted({steps[round(i)] for i in np.linspace(0, len(steps) - 1, min(FRAMES, len(steps)))}) if steps else []
    found: dict[int, frames.Arrays] = {}
    for step in reversed(some):
        try:
            frame = frames.known(run.frame(step))
        except Refused:  # damaged
            continue
        later = next(reversed(found.values()), frame)
        if frames.finite(frame) and frames.same_images(frame, later) and frames.same_spaces(frame, later):
            found[step] = frame
    return dict(sorted(found.items()))


def small(images: np.ndarray) -> np.ndarray:
    """Pictures `uint8 [N, C, H, W]` with sides of at most `SIDE` pixels."""
    return images if max(images.shape[2:]) <= SIDE else resized(np.ascontiguousarray(images), SIDE)
