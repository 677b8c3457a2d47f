"""Files that are none: pipes, devices, sockets, links; and names that are no text."""

import os
import socket
import stat

import numpy as np
import pytest

from explorer import data
from explorer.data import trees
from tests.data.image_cases import encoded, left, pets, picture, put, put_zip

SECRET = encoded(picture(123))
LOOPS = {"up": "..", "self": ".", "top": "../..", "other": "../dogs", "here": "../cats"}


def device(path):
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("this user may make no devices")


def listening(path):
    folder = os.open(path.parent, os.O_DIRECTORY)  # a socket's path has at most 107 letters
    with socket.socket(socket.AF_UNIX) as it:
        it.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


SPECIAL = {
    "a pipe": (os.mkfifo, trees.SPECIAL),
    "a device": (device, trees.SPECIAL),
    "a socket": (listening, trees.SPECIAL),
    "a link to /dev/zero": (lambda path: path.symlink_to("/dev/zero"), trees.LEAVES),
    "a link to a picture elsewhere": (lambda path: path.symlink_to(path.parents[3] / "secret.png"), trees.LEAVES),
    "the same, relative": (lambda path: path.symlink_to("../../../secret.png"), trees.LEAVES),
    "a link to a link that leaves": (lambda path: path.symlink_to("../link.png"), trees.LEAVES),
    "a link to nothing": (lambda path: path.symlink_to("nothing.png"), trees.NOWHERE),
    "a link to itself": (lambda path: path.symlink_to(path.name), trees.NOWHERE),
    "a link to another folder": (lambda path: path.symlink_to(path.parents[3]), trees.LEAVES),
    "a link to a folder of a neighbour's name": (lambda path: path.symlink_to("../../pets2"), trees.LEAVES),
    "a link to the folder above": (lambda path: path.symlink_to(".."), trees.LINKED_FOLDER),
    "a link to the same folder": (lambda path: path.symlink_to("."), trees.LINKED_FOLDER),
    "a link to another class": (lambda path: path.symlink_to("../dogs"), trees.LINKED_FOLDER),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_no_regular_file_of_the_set_is_left_out_and_named(root, name):
    put(root, {f"pets/{path}": content for path, content in pets(4).items()} | {"pets2/x.png": SECRET})
    (root.parent / "secret.png").write_bytes(SECRET)
    (root / "pets/link.png").symlink_to("/dev/zero")
    make, why = SPECIAL[name]
    make(root / "pets/cats/odd.png")
    found = data.load("pets", 8)
    assert left(found) == {"cats/odd.png": why, "link.png": trees.LEAVES}
    assert sum(len(images.y) for images in found.splits.values()) == 8


def test_links_to_folders_above_and_beside_add_no_image_and_mix_no_labels(root):
    put(root / "plain", pets(10))
    put(root / "pets", pets(10))
    for folder in ("cats", "dogs"):
        for name, target in LOOPS.items():
            (root / "pets" / folder / name).symlink_to(target)
    looped = data.load("pets", 8)
    assert looped.hash == data.load("plain", 8).hash
    inside = {f"{folder}/{name}": trees.LINKED_FOLDER for folder in ("cats", "dogs") for name in LOOPS}
    assert left(looped) == inside | {f"{folder}/top": trees.LEAVES for folder in ("cats", "dogs")}


def test_a_link_to_a_file_of_the_same_set_is_read(root):
    put(root / "pets", pets(4))
    (root / "pets/cats/again.png").symlink_to("000.png")
    found = data.load("pets", 8)
    assert sum(len(images.y) for images in found.splits.values()) == 9 and not found.left_out


def test_a_set_that_is_itself_a_link_is_read(root, tmp_path):
    put(tmp_path / "elsewhere", pets(4))
    root.mkdir(exist_ok=True)
    (root / "pets").symlink_to(tmp_path / "elsewhere")
    (root / "pets/cats/again.png").symlink_to("000.png")
    found = data.load("pets", 8)
    assert sum(len(images.y) for images in found.splits.values()) == 9 and not found.left_out


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(root, tmp_path):
    put(root / "pets", pets(4))
    (tmp_path / "secret.png").write_bytes(SECRET)
    with trees.reader(root / "pets") as read:
        assert read("cats/000.png") == (root / "pets/cats/000.png").read_bytes()
        (root / "pets/cats/000.png").unlink()
        (root / "pets/cats/000.png").symlink_to(tmp_path / "secret.png")
        for name in ("cats/000.png", "../secret.png", "cats/../../../secret.png", str(tmp_path / "secret.png")):
            with pytest.raises(ValueError, match=r"a link that leaves the data set|No such file"):
                read(name)


def test_a_file_that_becomes_a_pipe_after_it_was_listed_is_not_waited_for(root):
    put(root / "pets", pets(4))
    with trees.reader(root / "pets") as read:
        (root / "pets/cats/000.png").unlink()
        os.mkfifo(root / "pets/cats/000.png")
        with pytest.raises(ValueError, match=trees.SPECIAL):
            read("cats/000.png")


@pytest.mark.parametrize("kind", ["folder", "zip", "class", "file"])
def test_a_name_that_is_no_text_is_escaped_wherever_it_is_shown(root, kind):
    bad, files = os.fsdecode(b"bad\xff\xfe"), pets(6)
    if kind == "zip":
        put_zip(root / f"{bad}.zip", files)
    elif kind == "folder":
        put(root / bad, files)
    elif kind == "class":
        put(root / "bad_", {name.replace("cats", bad): content for name, content in files.items()})
    else:
        put(root / "bad_", files | {f"cats/{bad}.png": b"", f"cats/{bad}.txt": b""})
    (entry,) = (entry for entry in data.catalogue().values() if entry.kind in ("folder", "zip"))
    found, card = data.load(entry.name, 8), data.card(entry.name, 8)
    shown = [
        entry.name,
        entry.title,
        entry.summary,
        entry.source,
        *found.classes,
        *(path for path, _ in card["left_out"]),
    ]
    "".join(shown).encode()  # what is no text cannot be written
    assert any("\\xff\\xfe" in text for text in shown[1:])
    assert data.load(entry.name, 8).hash == found.hash, "and the cache opens"
    assert np.isfinite(card["mean"]).all()


def test_problems_of_a_set_whose_name_is_no_text_are_text(root):
    for content in ({"1.png": b""}, {"a/1.png": b""}):
        put(root / os.fsdecode(b"bad\xff"), content)
        (entry,) = (entry for entry in data.catalogue().values() if entry.kind == "folder")
        assert entry.problem.encode() and "'bad\\xff' has" in entry.problem
