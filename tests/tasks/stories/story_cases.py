"""Stories for tests: that of a model that comes with the project, and what can be wrong with one."""

import hashlib
import io
import json
import warnings
import zipfile

import numpy as np
import pytest

from explorer import Refused, runs
from explorer.tasks.export import pack_archive
from explorer.tasks.stories import opening, pack

RUN, STEP = "digits-simclr", "frames/000800.npz"
WORDS = "Digits gather, step by step."


def parts():
    """The files of a story by name."""
    return pack.contents(runs.get(RUN), WORDS)


def written(path, content):
    """A zip of these files."""
    path.write_bytes(pack_archive(content, 0))
    return path


def told(content, **changes):
    """The same files with other fields of `story.json`, whose list of files is right."""
    about = json.loads(content["story.json"])
    sums = {
        name: hashlib.sha256(it).hexdigest() for name, it in content.items() if name not in ("story.json", "README.txt")
    }
    return {**content, "story.json": json.dumps({**about, "files": sums, **changes}).encode()}


def arrays(content, name):
    """The arrays of one npz."""
    with np.load(io.BytesIO(content[name])) as stored:
        return dict(stored)


def npz(**found):
    """Arrays as an npz."""
    file = io.BytesIO()
    np.savez(file, **found)
    return file.getvalue()


def with_frame(content, drop=(), **changes):
    """The same story with another last frame."""
    name = max(it for it in content if it.startswith("frames/"))
    frame = {key: it for key, it in arrays(content, name).items() if key not in drop}
    return told({**content, name: npz(**{**frame, **changes})})


def with_entry(name, content, mode=0):
    """The bytes of a zip that holds one more entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in parts().items():
            archive.writestr(each, data)
        about = zipfile.ZipInfo(name)
        about.external_attr = mode << 16
        archive.writestr(about, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def refused(path, words):
    """It is refused in these words, and nothing is left of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Refused, match=words) as caught:
            opening.open_story(path)
    assert "\n" not in str(caught.value)
    assert not [*runs.root().glob("*"), *runs.root().glob(".*")]
