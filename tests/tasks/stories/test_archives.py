"""Zips that are damaged, too large or made to harm are refused before they are unpacked."""

import io
import stat
import warnings
import zipfile

import pytest

from explorer import Refused
from explorer.tasks.stories import archive, layout, opening
from tests.tasks.stories.story_cases import STEP, arrays, refused, told, with_entry, written


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil", "frames/../../evil", "C:\\evil", "evil.py", "frames/",
             "frames/000001.npz/x", "weights.pt", "frames/0000000000001.npz", ".."]
)  # fmt: skip
def test_only_the_files_of_a_story_are_taken(name, tmp_path):
    path = tmp_path / "s.zip"
    path.write_bytes(with_entry(name, b"x"))
    refused(path, "which does not belong into it|holds '.*' as a link or a folder")
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, stat.S_IFIFO | 0o600])
def test_links_folders_and_pipes_are_refused(mode, tmp_path):
    path = tmp_path / "s.zip"
    path.write_bytes(with_entry("frames/000001.npz", b"/etc/passwd", mode))
    refused(path, "as a link or a folder")


def test_a_file_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "s.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path.write_bytes(with_entry("story.json", b"{}"))
    refused(path, "holds 'story.json' twice")


def test_a_million_files_are_refused_before_they_are_listed(content, tmp_path, monkeypatch):
    """The list of so many files takes a second and half a gigabyte: it is not read."""
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as whole:
        for i in range(70_000):  # from 65,535 on the end of a zip counts in another place
            whole.writestr(f"frames/{i:06d}.npz", b"")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    refused(path, "more than 205 files")


def test_a_list_of_more_files_than_its_end_says_is_refused(tmp_path):
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as whole:
        for i in range(300):
            whole.writestr(f"frames/{i:06d}.npz", b"")
    data = bytearray(path.read_bytes())
    data[-14:-10] = b"\1\0\1\0"  # one file, says the end
    path.write_bytes(data)
    refused(path, "holds 300 files, and 205 are taken at most|is damaged")


def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    path, much = tmp_path / "s.zip", bytes(layout.LIMITS.each + 1)
    path.write_bytes(with_entry("frames/000001.npz", much))
    monkeypatch.setattr(archive, "_read", None)
    refused(path, "holds 'frames/000001.npz' of 67 MB")


def test_many_large_files_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    path, much = tmp_path / "s.zip", bytes(50_000_000)
    monkeypatch.setattr(layout, "LIMITS", layout.LIMITS._replace(total=90_000_000))
    monkeypatch.setattr(opening, "LIMITS", layout.LIMITS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for i in range(2):
            whole.writestr(f"frames/{i:06d}.npz", much)
    monkeypatch.setattr(archive, "_read", None)
    refused(path, "unpacks to 100 MB")


@pytest.mark.parametrize(
    ("packed", "size", "words"),
    [(zipfile.ZIP_DEFLATED, 1000, "features.npy' locked, or packed"), (0, 1, "features.npy' of 67 MB")],
)
def test_a_bomb_in_a_frame_is_refused(packed, size, words, content, tmp_path, monkeypatch):
    file, most = io.BytesIO(), layout.ARRAYS.each
    with zipfile.ZipFile(file, "w", packed) as frame:
        frame.writestr("features.npy", bytes(most + 1 if size == 1 else size))
    monkeypatch.setattr(opening, "LIMITS", layout.LIMITS._replace(each=2 * most))
    refused(written(tmp_path / "s.zip", told({**content, STEP: file.getvalue()})), words)


def test_all_arrays_of_a_story_have_one_budget(content, monkeypatch):
    """Members of zips can lie upon each other, so that all that unpacks is more than the bytes that there are."""
    sizes = [sum(it.nbytes for it in arrays(content, name).values()) for name in content if name[:2] == "fr"]
    monkeypatch.setattr(opening, "LIMITS", layout.LIMITS._replace(total=sum(sizes[:-1])))
    with pytest.raises(Refused, match="unpacks to more than the"):
        opening._checked(content, "s.zip", "")


def test_a_budget_is_taken_before_anything_is_read(content, monkeypatch):
    monkeypatch.setattr(archive, "_read", None)
    with pytest.raises(Refused, match="unpacks to more than"):
        archive.members(io.BytesIO(content[STEP]), "s.zip", layout.ARRAYS, archive.Budget(1000))


def test_a_header_that_claims_more_than_there_is_is_refused(content, tmp_path):
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content[STEP])) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"(359, 16), ", b"(35999,16),") if name == "features.npy" else data)
    refused(written(tmp_path / "s.zip", told({**content, STEP: broken.getvalue()})), "shorter than its header says")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_torn_file_is_refused(share, content, tmp_path):
    path = written(tmp_path / "s.zip", content)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    refused(path, "is damaged, or no zip")


def test_a_flipped_bit_is_seen(content, tmp_path):
    path = written(tmp_path / "s.zip", content)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    refused(path, "is damaged")


def test_a_file_that_is_too_large_or_none_is_refused(content, tmp_path, monkeypatch):
    refused(tmp_path / "s.zip", "there is no file")
    monkeypatch.setattr(opening, "LARGEST", 1000)
    refused(written(tmp_path / "s.zip", content), "MB are taken|are taken")
