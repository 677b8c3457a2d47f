"""Opening a story: all of it is checked in memory, and then a run appears whole or not at all."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from explorer import runs
from explorer.errors import Refused
from explorer.moments import moment
from explorer.runs import Run, Spec, Status, metrics, store
from explorer.tasks.stories import archive, frames, records
from explorer.tasks.stories.layout import ABOUT, FRAME, LARGEST, LIMITS, METRICS, README, SCORES, THUMBNAILS

CAVEAT = "opened from a story on {}: it was trained elsewhere, and has no weights here"


class Story(NamedTuple):
    """What a story holds, checked."""

    about: records.About
    spec: Spec
    status: Status
    rows: list[dict[str, Any]]
    scores: dict[str, Any] | None
    frames: dict[int, frames.Arrays]
    thumbnails: frames.Arrays | None
    digest: str  # of the whole file


def read(path: Path) -> Story:
    """The story in a file; raises `Refused` with what is wrong with it."""
    name = path.name[:80]
    try:
        if not path.is_file():
            raise Refused(f"there is no file {path}: give the zip of a story")
        if (size := path.stat().st_size) > LARGEST:
            raise Refused(f"{name} has {size / 1e6:,.0f} MB, and {LARGEST / 1e6:,.0f} are taken: {archive.AGAIN}")
        with path.open("rb") as file:
            parts = archive.members(file, name, LIMITS)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(f"{name} cannot be read ({error.strerror or error}): make it readable") from None
    return _checked(parts, name, digest)


def _checked(parts: Mapping[str, bytes], name: str, digest: str) -> Story:
    if ABOUT not in parts:
        raise Refused(f"{name} has no {ABOUT}, so it is no story: {archive.AGAIN}")
    about = records.about(parts[ABOUT], name)
    sums = {part: hashlib.sha256(content).hexdigest() for part, content in parts.items() if part not in (ABOUT, README)}
    if sums != about.files:
        raise Refused(f"{name} is damaged: its files are not those that its {ABOUT} lists: {archive.AGAIN}")
    spec, status = records.spec(about, name), records.status(about, name)
    budget = archive.Budget(LIMITS.total)  # of all arrays together
    found = {
        int(match[1]): frames.frame(parts[part], f"{part} of {name}", len(about.classes), budget)
        for part in sorted(parts) if (match := FRAME.fullmatch(part))
    }  # fmt: skip
    if not found or METRICS not in parts:
        raise Refused(f"{name} has no frames or no {METRICS}, so there is nothing to replay: {archive.AGAIN}")
    if max(found) > max(status.step, status.steps):
        raise Refused(f"{name} has a frame behind its last step: {archive.AGAIN}")
    frames.agree(found, name)
    pictures = None
    if THUMBNAILS in parts:
        pictures = frames.thumbnails(parts[THUMBNAILS], f"{THUMBNAILS} of {name}", budget)
    scores = records.scores(parts[SCORES], name) if SCORES in parts else None
    return Story(about, spec, status, records.rows(parts[METRICS], name), scores, found, pictures, digest)


def open_story(path: Path, user: str = "") -> Run:
    """The run that replays a story, which is there once however often it is opened; raises `Refused`."""
    story = read(path)
    id = f"{story.about.id[:100]}-{story.digest[:8]}"
    if existing := runs.find(id):
        return existing
    return store.adopt(id, lambda run: _write(run, story, user))


def _write(run: Run, story: Story, user: str) -> None:
    """All files anew, from what was read: no byte of the zip is taken over."""
    came = CAVEAT.format(moment(time.time()))
    caveat = "; ".join(filter(None, [came, story.status.caveat]))
    run.write_json(ABOUT, {**story.about.model_dump(mode="json"), "files": {}})
    run.write_json("spec.json", story.spec.model_copy(update={"user": user}).model_dump(mode="json"))
    (run.folder / METRICS).write_bytes(b"".join(map(metrics.encode, story.rows)))
    if story.scores is not None:
        run.write_scores(story.scores)
    for step, arrays in story.frames.items():
        run.write_frame(step, **arrays)
    if story.thumbnails is not None:
        run.store(THUMBNAILS, frames.packed(story.thumbnails))
    run.write_json("status.json", story.status.model_copy(update={"caveat": caveat}).model_dump(mode="json"))
