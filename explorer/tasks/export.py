"""A training as one archive that needs no Unfold to be read: weights, settings, curves, scores, features, a script."""

import csv
import hashlib
import io
import json
import re
import textwrap
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from explorer import data, foreign_text, runs
from explorer.config import Config
from explorer.data import DataSet, Entry
from explorer.errors import Refused
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.runs.run import json_bytes
from explorer.tasks.embed import chunks, parts_of
from explorer.tasks.ended import check_ended
from explorer.tasks.evaluate import training_data_hash
from explorer.tasks.inputs import Inputs, load
from explorer.tasks.task import Report, Task, task

SCRIPT = b'''"""Trains this run again and compares the weights: `python reproduce.py`.

It needs the package `explorer` (run it where that can be imported, or set PYTHONPATH) and the data.
"""

import sys
from pathlib import Path

import explorer

sys.exit(explorer.reproduce(Path(__file__).resolve().parent))
'''
SHOWN = 100  # rows of features in the table for people


@task("Export")
class Export(Task):
    """Export a training as one archive: weights, hyperparameters, curves, scores, features, a script to repeat it."""

    takes_data = False
    result = "export.zip"
    download = True
    page = "runs"

    def check(self, refs: Sequence[ModelRef], entry: Entry | None, cfg: Config) -> None:
        """Raises `Refused` unless it is a training that has ended."""
        check_ended(refs[0], "an archive")

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Which run."""
        return f"Export of {refs[0].run.title}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Pack the training that the run's model names into `export.zip`; without the data, there are no features."""
        trained = ModelRef.parse(run.spec.model).run
        run.update(message="packing")
        content, missing = basics(trained), ""
        try:
            dataset = load(run, trained.spec.dataset, trained.spec.train.get("size", 0))
            content |= features(run, trained, dataset)
        except Refused as refused:
            missing = f"The features of the test split are missing: {refused}."
        if run.stop_requested():
            return
        content["README.txt"] = readme(trained, json.loads(content["config.json"]), missing).encode()
        run.store("export.zip", pack_archive(content, trained.status.finished))

    def report(self, run: Run) -> Report:
        """How large it is."""
        size = (run.folder / self.result).stat().st_size
        return [f"{size:,} bytes"], {"run": run.spec.model, "bytes": size}


def basics(run: Run) -> dict[str, bytes]:
    """What lies in the training's folder, in forms that anything reads; raises `Refused` where there are no weights."""
    files = {"weights.safetensors": last_weights(run).read_bytes()}
    if best := run.weights("best"):
        files["best.safetensors"] = best.read_bytes()
    return {
        **files,
        "config.json": json_bytes(config(run)),
        "metrics.csv": table(run.metrics()),
        "scores.json": json_bytes(run.scores() or {}),
        "reproduce.py": SCRIPT,
    }


def last_weights(run: Run) -> Path:
    """The file of the last intact weights; raises `Refused` if there is none."""
    from explorer.models import weights

    return weights.path_of(ModelRef.parse(run.id), run)


def config(run: Run) -> dict[str, Any]:
    """All that decided the weights, and how to know them again."""
    threads = re.search(r"(\d+) thread", run.status.device)
    return {
        "id": run.id,
        "title": run.title,
        "spec": run.spec.model_dump(mode="json", exclude={"user"}),
        "stages": list(stages(run)),
        "state": run.status.state,
        "step": kept_step(run),
        "device": run.status.device,
        "threads": int(threads[1]) if threads else 0,
        "caveat": "; ".join(filter(None, [run.status.caveat, behind(run)])),
        "data_hash": training_data_hash(run),
        "half": is_half(run),
        "weights_sha256": digest(last_weights(run)),
    }


def behind(run: Run) -> str:
    """A note where the newest checkpoint is damaged: the curves and scores are of a later step."""
    damage = run.damage()
    return f"{damage.rstrip('.')}; the curves and scores reach step {run.status.step}" if damage else ""


def stages(run: Run) -> Iterator[dict[str, Any]]:
    """The trainings one after the other that led to these weights, each with the step it ended at."""
    if run.spec.relation == "continue" and run.spec.parent:
        try:
            yield from stages(runs.get(run.spec.parent))
        except Refused:  # deleted meanwhile
            yield {"train": None, "until": 0}
    yield {"train": run.spec.train, "until": kept_step(run)}


def kept_step(run: Run) -> int:
    """The step of the last weights."""
    kept = run.checkpoint()
    return int(kept.name) if kept is not None and kept.name.isdecimal() else run.status.step


def is_half(run: Run) -> bool:
    """Whether its weights are stored in half precision, as those of shipped models are."""
    from explorer.models import weights

    return weights.is_half(last_weights(run))


def digest(path: Path) -> str:
    """SHA-256 of all tensors by name: the same for the same weights, whatever else the file says."""
    sha = hashlib.sha256()
    import torch
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name).contiguous()
            sha.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
            sha.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return sha.hexdigest()


def features(run: Run, trained: Run, dataset: DataSet) -> dict[str, bytes]:
    """The features of the whole test split, and the first of them as a table with the classes' names."""
    from explorer.models import loading

    images, classes = dataset.splits["test"], dataset.classes
    rows = np.arange(len(images.y))
    run.update(steps=len(rows) + 1, message="computing the features of the test split")
    parts = list(parts_of(run, loading.load(trained.id), dataset, "test", rows))
    if len(parts) < len(chunks(rows)):
        return {}
    z, file = np.concatenate(parts), io.BytesIO()
    np.savez(file, features=z, rows=rows, y=images.y, classes=np.array(classes))
    head = [
        {"row": i, "class": classes[images.y[i]], **{f"z{k}": f"{v:.6g}" for k, v in enumerate(z[i])}}
        for i in range(min(SHOWN, len(z)))
    ]
    return {"features.npz": file.getvalue(), "features_head.csv": table(head)}


def table(rows: list[dict[str, Any]]) -> bytes:
    """CSV with a column for every name that occurs."""
    text = io.StringIO()
    names = dict.fromkeys(foreign_text.cell(name) for row in rows for name in row)
    writer = csv.DictWriter(text, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows({foreign_text.cell(name): foreign_text.cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def readme(run: Run, settings: dict[str, Any], missing: str) -> str:
    """Where the files come from and what is in them."""
    from explorer.core import METHODS

    info, spec = METHODS.choose(run.spec.method).info, run.spec
    versions = ", ".join(f"{name} {version}" for name, version in spec.versions.items())
    lost = settings["stages"][0]["train"] is None
    facts = {
        "Run": f"{run.id} ({settings['state']} at step {settings['step']} of {run.status.steps})",
        "Method": f"{info.title} ({info.paper}): {info.summary}",
        "Data": f"{source(spec.dataset)}; hash of pixels and labels {settings['data_hash']}",
        "Seed": str(spec.seed),
        "Device": settings["device"],
        "Versions": versions,
        "Made": spec.created,
        "Continues": spec.parent if spec.relation == "continue" else "",
        "Devices": f"{n}, and the script uses one: alike, not equal" if (n := spec.train.get("devices", 1)) > 1 else "",
        "Note": " ".join(filter(None, [settings["caveat"], missing])),
    }
    lines = [textwrap.fill(f"{name}: {fact}", 100, subsequent_indent="  ") for name, fact in facts.items() if fact]
    again = "cannot train this again: a run that it continues was deleted" if lost else "trains this again"
    return "\n".join([run.title, "=" * len(run.title), "", *lines, "", CONTENT.format(again=again)])


def source(name: str) -> str:
    """The data set and where it comes from, if it is still known here."""
    entry = data.catalogue().get(name)
    return f"{name}: {entry.title} ({entry.source})" if entry else name


CONTENT = """weights.safetensors  the last weights; best.safetensors: those of the lowest validation loss
config.json          every hyperparameter, and weights_sha256 (of the tensors, sorted by name)
metrics.csv          the curves; scores.json: the probes on the test split
features.npz         features, rows, y, classes of the whole test split; features_head.csv: the first hundred
reproduce.py         {again}, and compares the weights with these. On the same device with the same versions
                     and as many threads they are equal to the last bit; otherwise up to rounding.
"""


def pack_archive(content: dict[str, bytes], when: float | None) -> bytes:
    """The archive; its folder's name keeps files together, and weights are not compressed, for they cannot be."""
    file, date = io.BytesIO(), time.gmtime(when or 0)[:6]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            entry = zipfile.ZipInfo(name, max(date, (1980, 1, 1, 0, 0, 0)))
            small = name.endswith((".safetensors", ".npz"))
            archive.writestr(entry, part, zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED)
    return file.getvalue()
