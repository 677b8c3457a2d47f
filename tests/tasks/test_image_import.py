"""Pictures that somebody brings: which are taken, what is left out and why, what is kept of them, and for how long."""

import io
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer import data
from explorer.data.image_sets import archive, labels, store
from explorer.data.layouts import File
from explorer.errors import Refused
from explorer.runs import Spec, create, delete
from explorer.system.folders import pictures_root
from explorer.tasks import image_import

RNG = np.random.default_rng(0)
CANARY = b"canary-7f3a"


def picture(form="PNG", size=(20, 24), **more):
    out = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (*size, 3), np.uint8)).save(out, form, **more)
    return out.getvalue()


def files(n=6, form="PNG"):
    return {f"{name}_{i}.{form.lower()}": picture(form) for name in ("cat", "dog") for i in range(n)}


def imported(given, title="Pets", owner="me", **more):
    return image_import.keep(image_import.of_files(given), title, owner, **more)


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def of_zip(path, **more):
    with ExitStack() as stack:
        return image_import.keep(image_import.of_zip(path, stack), "Pets", "me", **more)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    for name in ("RUNS", "CACHE", "DATA"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"EXPLORER_{name}", str(tmp_path / name))
    return tmp_path


def left():
    """What lies in the folder of imported pictures, but for its lock."""
    return (
        {it.name for it in pictures_root().iterdir() if it.name != ".publishing"} if pictures_root().is_dir() else set()
    )


def test_a_set_is_a_data_set_of_its_classes():
    made = imported(files())
    loaded = data.load(made.name, 16)
    assert (made.name, made.counts, loaded.classes) == ("pets", {"cat": 6, "dog": 6}, ("cat", "dog"))
    assert sum(len(split.y) for split in loaded.splits.values()) == 12
    assert data.catalogue()["pets"].owner == "me" and left() == {"pets"}


def test_one_bad_file_among_a_hundred_is_named_with_its_reason(root):
    good = {f"pets/{'cat' if i % 2 else 'dog'}/{i}.png": picture() for i in range(99)}
    made = of_zip(zipped(root / "a.zip", {**good, "pets/cat/torn.png": picture()[:60]}))
    assert made.pictures == 99
    assert [(out.path, "cannot be decoded" in out.why) for out in made.left_out] == [("pets/cat/torn.png", True)]


def test_nothing_but_the_pixels_is_kept():
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()  # description
    given = files(4, "JPEG")
    given["cat_9.jpeg"] = picture("JPEG", exif=exif, comment=CANARY) + CANARY
    made = imported(given)
    assert made.pictures == 9 and CANARY in given["cat_9.jpeg"]
    stored = [it.read_bytes() for it in pictures_root().rglob("*") if it.is_file()]
    assert not any(CANARY in content for content in stored)


def test_a_picture_twice_in_a_class_is_kept_once_and_said():
    given = files()
    given["cat_77.png"] = given["cat_2.png"]
    made = imported(given)
    assert made.pictures == 12
    assert [tuple(out) for out in made.left_out] == [("cat_77.png", "the same picture as cat_2.png")]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("notes.pdf", "a PDF file, which is not read: only png"),
        ("IMG_1.HEIC", "a HEIC file, which is not read: choose 'Most compatible'"),
        ("../cat_8.png", "a name that no picture has"),
        ("/etc/cat_8.png", "a name that no picture has"),
    ],
)
def test_a_file_that_is_no_picture_is_left_out_with_its_reason(name, reason):
    made = imported({**files(), name: picture()})
    assert made.pictures == 12 and len(made.left_out) == 1
    assert made.left_out[0].path == name and made.left_out[0].why.startswith(reason)


def test_a_file_that_is_too_large_is_left_out(monkeypatch):
    monkeypatch.setenv("EXPLORER_UPLOAD_FILE", "1")
    given = {**files(), "cat_8.png": picture() + bytes(1_000_001)}
    assert [tuple(out) for out in imported(given).left_out] == [("cat_8.png", "a file of more than 1 MB")]


def test_a_picture_of_a_telephone_is_scaled_and_said():
    given = files()
    given["cat_9.png"] = picture(size=(600, 800))
    made = imported(given)
    assert any("scaled down to a shorter side of 512 pixels" in note for note in made.notes)
    (stored,) = store.tree("pets").rglob("*.jpg")
    assert Image.open(stored).size == (683, 512)


def test_of_a_gif_the_first_frame_is_read_and_said():
    made = imported({**files(), "cat_9.gif": picture("GIF", save_all=True, append_images=[Image.new("RGB", (24, 20))])})
    assert made.pictures == 13 and any("first frame" in note for note in made.notes)


LINK = zipfile.ZipInfo("cat/link.png")
LINK.external_attr = 0o120777 << 16


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (LINK, "a link, which is not followed"),
        ("/cat/absolute.png", "a file of the zip whose path leads out of it"),
        ("../cat/up.png", "a file of the zip whose path leads out of it"),
        ("cat/../../up.png", "a file of the zip whose path leads out of it"),
        ("cat/inner.zip", "an archive in the archive, which is not opened"),
        ("cat/inner.tar.gz", "an archive in the archive, which is not opened"),
    ],
)
def test_what_a_zip_may_not_hold_is_left_out(root, name, reason):
    good = {f"{it}/{i}.png": picture() for it in ("cat", "dog") for i in range(4)}
    made = of_zip(zipped(root / "a.zip", {**good, name: b"/etc/passwd"}))
    assert made.pictures == 8 and [out.why.startswith(reason) for out in made.left_out] == [True]
    assert all(it.resolve().is_relative_to(root) for it in pictures_root().rglob("*"))


def test_a_zip_of_too_many_entries_is_refused(root, monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 8)
    with pytest.raises(Refused, match="has 9 entries, and a zip may have 8"):
        of_zip(zipped(root / "a.zip", {f"{'cat' if i % 2 else 'dog'}/{i}.png": picture() for i in range(9)}))
    assert not left()


def test_what_a_zip_inflates_to_is_counted_while_it_is_read(root, monkeypatch):
    monkeypatch.setattr(archive, "INFLATED", 100_000)
    good = {f"{it}/{i}.png": picture() for it in ("cat", "dog") for i in range(4)}
    with pytest.raises(Refused, match="inflates to more: a zip may inflate to"):
        of_zip(zipped(root / "a.zip", {**good, "cat/bomb.png": bytes(10_000_000)}))
    assert not left()


class Counting(archive._Budget):
    """Says how much was inflated."""

    def __init__(self, opened):
        super().__init__(opened)
        Counting.last = self


@pytest.mark.parametrize(("name", "most"), [("cat_99.png", 1), ("labels.csv", 10)])
def test_a_member_of_a_zip_is_inflated_only_as_far_as_a_file_may_be_large(root, monkeypatch, name, most):
    monkeypatch.setenv("EXPLORER_UPLOAD_FILE", "1" if name.endswith("png") else "50")
    monkeypatch.setattr(archive, "_Budget", Counting)
    made = of_zip(zipped(root / "a.zip", {**files(), name: bytes(40_000_000)}))
    assert made.pictures == 12 and [out.path for out in made.left_out] == [name]
    assert f"a file of more than {most} MB" in made.left_out[0].why
    assert archive.INFLATED - Counting.last.left < most * 1_000_000 + 2 * archive.PIECE


def test_a_member_that_is_read_again_counts_once(root, monkeypatch):
    given = {}
    for i, (name, deepest) in enumerate((name, deep) for name in ("cat", "dog") for deep in (900, 900, 60_000)):
        out = io.BytesIO()
        Image.fromarray(RNG.integers(0, deepest, (40, 40), np.uint16)).save(out, "PNG")
        given[f"{name}/{i}.png"] = out.getvalue()
    monkeypatch.setattr(archive, "INFLATED", sum(map(len, given.values())))
    monkeypatch.setattr(archive, "_Budget", Counting)
    assert of_zip(zipped(root / "a.zip", given)).pictures == 6
    assert Counting.last.left == 0


def test_a_zip_that_is_cut_off_is_refused(root):
    whole = zipped(root / "a.zip", {f"{it}/{i}.png": picture() for it in ("cat", "dog") for i in range(4)})
    whole.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(Refused, match="cannot be read as a zip"):
        of_zip(whole)
    assert not left()


def test_a_name_that_is_taken_gets_a_number_or_is_refused():
    assert [imported(files(3)).name for _ in range(2)] == ["pets", "pets-2"]
    with pytest.raises(Refused, match=r"'pets' is the name of|there are imported pictures 'pets' already"):
        imported(files(3), name="pets")


def test_a_full_quota_refuses_and_keeps_nothing(monkeypatch):
    monkeypatch.setenv("EXPLORER_UPLOAD_BROWSER", "1")
    big = {f"{name}_{i}.png": picture(size=(250, 250)) for name in ("cat", "dog") for i in range(2)}  # 190 kB each
    imported(big)
    with pytest.raises(Refused, match="are free for your pictures, and these take more: delete a set"):
        imported({name.replace("_", "_1"): picture(size=(250, 250)) for name in big})
    assert left() == {"pets"}
    imported(files(3), owner="somebody else")


def test_the_quota_of_all_counts_every_owner(monkeypatch):
    monkeypatch.setenv("EXPLORER_UPLOAD_TOTAL", "1")
    big = {f"{name}_{i}.png": picture(size=(250, 250)) for name in ("cat", "dog") for i in range(2)}
    imported(big)
    with pytest.raises(Refused, match="free"):
        imported({name.replace("_", "_1"): picture(size=(250, 250)) for name in big}, owner="somebody else")


def test_two_imports_at_once_do_not_share_the_same_room(monkeypatch):
    made = imported(files(3))
    monkeypatch.setenv("EXPLORER_UPLOAD_BROWSER", "1")
    with store.draft() as new, pytest.raises(Refused, match="are free: delete a set of yours"):
        (new / "pictures").mkdir()
        store.publish(new, made._replace(name="other", bytes=999_999))


def test_one_owner_has_one_import_at_a_time():
    with store.draft("me"), pytest.raises(Refused, match="another import of yours is running"):
        imported(files(3))
    imported(files(3), owner="somebody else")
    assert imported(files(3)).name == "pets-2" and left() == {"pets", "pets-2"}


def test_what_is_being_imported_and_the_disk_bound_the_room(monkeypatch):
    before = store.room("")
    with store.draft("somebody else") as new:
        (new / "pictures").mkdir()
        (new / "pictures" / "a.png").write_bytes(bytes(5_000_000))
        assert store.room("") <= before - 5_000_000 + 1000
    usage = shutil.disk_usage(pictures_root())
    monkeypatch.setattr(store.shutil, "disk_usage", lambda _: usage._replace(free=store.SPARE + 3))
    assert store.room("me") == 3
    with pytest.raises(Refused, match="are free for your pictures"):
        imported(files(3))


KILLED = """
import os, signal, sys
from tests.tasks.test_image_import import files
from explorer.data.image_sets import intake
from explorer.tasks import image_import
encoded, count = intake._encoded, 0
def kill(pixels):
    global count
    count += 1
    if count == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return encoded(pixels)
intake._encoded = kill
image_import.keep(image_import.of_files(files()), "Pets", "me")
"""


def test_an_import_that_is_killed_leaves_nothing_after_the_next():
    root = Path(__file__).parents[2]
    code = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    ).returncode
    assert code == -9 and len(left()) == 1
    assert not image_import.listing() and "pets" not in data.catalogue()
    imported(files(3))
    assert left() == {"pets"}


def test_what_another_import_is_writing_is_not_swept():
    with store.draft() as new:
        imported(files(3))
        assert new.is_dir()
    assert left() == {"pets"}


def test_names_that_are_no_utf8_are_kept_legible(root):
    folder = root / "p\udcffets"
    for name, content in files().items():
        it = folder / name.partition("_")[0] / name
        it.parent.mkdir(parents=True, exist_ok=True)
        it.write_bytes(content)
    (folder / "cat" / "torn\udcfe.png").write_bytes(picture()[:60])
    (folder / "cat" / "to\udcfd.png").symlink_to("cat_1.png")
    made = image_import.keep(image_import.of_folder(folder), "")
    assert (made.title, made.source) == ("p\\xffets", "p\\xffets")
    assert sorted(out.path for out in made.left_out) == ["cat/to\\xfd.png", "cat/torn\\xfe.png"]
    assert image_import.find(made.name) == made
    assert image_import.rename(made.name, "cats\udcff").title == "cats\\xff"


@pytest.mark.parametrize("title", ["", "   "])
def test_a_set_is_renamed_and_shared_but_keeps_its_name(title):
    imported(files(3))
    image_import.rename("pets", " Animals  of mine ")
    image_import.share("pets", True)
    it = data.catalogue()["pets"]
    assert (it.title, it.owner, image_import.find("pets").owner) == ("Animals of mine", "", "me")
    with pytest.raises(Refused, match="needs a name"):
        image_import.rename("pets", title)


CHANGES = {
    "rename": lambda *which: image_import.rename("pets", "Others", *which),
    "share": lambda *which: image_import.share("pets", True, *which),
    "delete": lambda *which: image_import.delete("pets", *which),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_set_is_changed_by_who_may_and_never_for_another_that_has_its_name_by_now(change):
    imported(files(3))
    first = image_import.find("pets")
    image_import.delete("pets")
    imported(files(3))
    now = image_import.find("pets")
    with pytest.raises(Refused, match="another set by now"):
        change(first.created, lambda it: True)
    with pytest.raises(Refused, match="of somebody else"):
        change(now.created, lambda it: it.owner == "ben")
    assert image_import.find("pets") == now
    change(now.created, lambda it: it.owner == "me")
    assert image_import.find("pets") != now


def test_a_set_that_models_were_trained_on_is_not_deleted():
    imported(files(3))
    run = create(Spec(kind="train", title="My run", dataset="pets", method="simclr"))
    with pytest.raises(Refused, match="'pets' is the data of trainings \\('My run'\\)"):
        image_import.delete("pets")
    delete(run.id)
    image_import.delete("pets")
    assert not left() and "pets" not in data.catalogue()


LABELLED = {
    "class folders": (["cat/1.png", "dog/2.png"], "", ["cat", "dog"]),
    "wrapped": (["my/cat/1.png", "my/dog/2.png"], "", ["cat", "dog"]),
    "train and test": (["train/cat/1.png", "train/dog/1.png", "test/cat/2.png"], "", ["cat", "dog", "cat"]),
    "names and numbers": (["cat_1.png", "cat_2.png", "dog 1.png", "dog (2).png"], "", ["cat", "cat", "dog", "dog"]),
    "a table": (["a.png", "b.png"], "file,label\na.png,cat\nb.png,dog\n", ["cat", "dog"]),
    "a table without a head": (["a.png", "b.png"], "a.png,cat\nb.png,dog\n", ["cat", "dog"]),
    "a table without endings": (["a.png", "b.png"], "id;breed\na;cat\nb;dog\n", ["cat", "dog"]),
    "a table of an old Mac": (["a.png", "b.png"], "file,label\ra.png,cat\rb.png,dog\r", ["cat", "dog"]),
    "a table, label first": (["a.png", "b.png"], "label\tfilename\ncat\ta.png\ndog\tb.png\n", ["cat", "dog"]),
    "no class": (["IMG_1.png", "IMG_2.png"], "", ["", ""]),
}


@pytest.mark.parametrize("names", LABELLED)
def test_classes_are_told_by_folders_tables_or_names(names):
    paths, table, expected = LABELLED[names]
    given = [File(tuple(path.split("/")), path) for path in (*paths, *(["labels.csv"] if table else []))]
    found = labels.sort(given, lambda _: table.encode(), "mine")
    labelled = {item.name: item.label for item in found.items}
    assert [labelled[path] for path in paths] == expected and bool(found.by) == any(expected)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_LZMA])
def test_a_table_that_cannot_be_read_in_its_zip_is_left_out_and_named(root, compression):
    table = b"file,label\na,b\n" * 40
    with zipfile.ZipFile(root / "a.zip", "w", compression) as out:
        out.writestr("labels.csv", table)
        for name, content in files().items():
            out.writestr(zipfile.ZipInfo(name), content)
    whole = (root / "a.zip").read_bytes()
    at = 30 + len("labels.csv") + 12
    (root / "a.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    made = of_zip(root / "a.zip")
    assert made.pictures == 12 and [out.path for out in made.left_out] == ["labels.csv"]
    assert made.left_out[0].why.startswith("a table that cannot be read (a damaged or locked member")


@pytest.mark.parametrize(
    "table", [b"file,label\na," + b"x" * 200_000, b"a" * (labels.MOST_TABLE + 1)], ids=["cell", "table"]
)
def test_a_table_beyond_what_one_may_hold_is_left_out_and_named(table):
    made = imported({**files(), "labels.csv": table})
    assert made.pictures == 12 and [out.path for out in made.left_out] == ["labels.csv"]
    assert made.left_out[0].why.startswith("a table that cannot be read (")


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a\\b", "x" * 81, "\U00020000" * 64])
def test_what_can_be_no_folder_is_no_class(name):
    with pytest.raises(Refused, match="cannot be the name of a class"):
        labels.checked(name)


def test_pictures_of_one_class_are_refused_with_the_way_out():
    with pytest.raises(Refused, match="all pictures are of one class, 'unlabelled': name at least two"):
        imported({f"IMG_{i}.png": picture() for i in range(3)})
    named = {f"IMG_{i}.png": "cat" if i < 3 else "dog" for i in range(6)}
    made = imported({name: picture() for name in named}, classes=named)
    assert made.counts == {"cat": 3, "dog": 3}
