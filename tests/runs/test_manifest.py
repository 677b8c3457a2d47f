"""The manifest: what is read at an address is what was last written there."""

import numpy as np
import pytest

from explorer import runs
from explorer.runs import metrics
from tests.runs.run_cases import spec


@pytest.mark.parametrize("by", ["this process", "another"])
def test_what_is_made_anew_at_its_address_is_what_is_read_there_though_inodes_are_given_out_again(by, monkeypatch):
    if by == "another":
        monkeypatch.setattr(metrics, "forget", lambda _: None)
    inodes = set()
    for number in range(20):
        run = runs.create(spec("transfer", models=("pixels",)))
        run.write_result(x=np.array([number]))
        run.append({"try": number})
        for _ in range(100 if by == "this process" else number):
            run.append({"epochs": "that are all alike"})
        assert run.result()["x"] == [number] and run.sound()
        assert run.metrics()[0] == {"try": number}
        inodes.add((run.folder / "manifest.jsonl").stat().st_ino)
        run.update(state="failed", error="asked again")
    print(f"20 manifests, {len(inodes)} inodes")
