"""How people lay out pictures: each way is read as it is meant, or refused in a sentence with a way out."""

import zipfile

import pytest

from explorer import Refused, data
from explorer.data.layouts import File, arrange
from explorer.data.names import alike, legible, natural, visible
from tests.data.image_cases import encoded, left, pets, picture, put, put_zip


def paths(*folders, n=1, end="png"):
    """n files in each folder."""
    return [f"{folder}/{i}.{end}" for folder in folders for i in range(n)]


def read(names):
    return arrange([File(parts, name) for name in names if (parts := visible(name))], "mine")


def placed(found):
    """The files of each split and class."""
    return {
        f"{split} {found.classes[label]}": [path for path, its in files if its == label]
        for split in ("train", "validation", "test")
        for files in [found.splits.get(split, [])]
        for label in sorted({label for _, label in files})
    }


EIGHT = "a/b/c/d/e/f/g/h/"
TWO = ("cats", "dogs")
RIGHT = {  # name: (files, what is placed where, files that are left out)
    "classes": (paths("a", "b"), "train a, train b", 0),
    "splits": (paths("train/a", "train/b", "val/a", "test/b"), "train a, train b, validation a, test b", 0),
    "splits in large letters": (paths("TRAIN/a", "Train/b", "Test/a"), "train a, train b, test a", 0),
    "training_set, test_set": (paths("training_set/a", "training_set/b", "test_set/a"), "train a, train b, test a", 0),
    "TrainingSet": (paths("TrainingSet/a", "TrainingSet/b", "TestSet/b"), "train a, train b, test b", 0),
    "train-images, valid images": (paths("train-images/a", "train-images/b", "valid images/a"),
                                   "train a, train b, validation a", 0),
    "seg_train/seg_train": (paths("seg_train/seg_train/a", "seg_train/seg_train/b", "seg_test/seg_test/a"),
                            "train a, train b, test a", 0),
    "seg_train, seg_test, and seg_pred without classes": (
        [*paths("seg_train/seg_train/a", "seg_train/seg_train/b", "seg_test/seg_test/a", "seg_pred/seg_pred")],
        "train a, train b, test a", 1),
    "train/images": (paths("train/images/a", "train/images/b", "test/images/a"), "train a, train b, test a", 0),
    "train/train and a stray picture": ([*paths("train/train/a", "train/train/b"), "train/x.png"],
                                        "train a, train b", 1),
    "train with one class more than test": (paths("train/a", "train/b", "train/c", "test/a"),
                                            "train a, train b, train c, test a", 0),
    "a class called train": (paths("bus", "car", "train"), "train bus, train car, train train", 0),
    "a class called valid": (paths("expired", "valid"), "train expired, train valid", 0),
    "a class called test": (paths("exam", "test", "essay"), "train essay, train exam, train test", 0),
    "a class called train in splits": (paths("train/bus", "train/train", "test/train"),
                                       "train bus, train train, test train", 0),
    "classes called train station and test tube": (paths("train station", "test tube"),
                                                   "train test tube, train train station", 0),
    "a picture beside the classes": ([*paths("a", "b"), "x.png"], "train a, train b", 1),
    "a picture beside the wrapped classes": ([*paths("mine/a", "mine/b"), "x.png"], "train a, train b", 1),
    "a picture in the wrapper": ([*paths("mine/a", "mine/b"), "mine/x.png"], "train a, train b", 1),
    "a picture beside the splits": ([*paths("train/a", "train/b"), "x.png"], "train a, train b", 1),
    "a picture in a split": ([*paths("train/a", "train/b"), "train/x.png"], "train a, train b", 1),
    "folders in classes": (paths("a/1", "a/2", "b/3"), "train a, train b", 0),
    "the same folders in all classes": (paths("a/in", "a/out", "b/in", "b/out"), "train a, train b", 0),
    "wrapped once": (paths("mine/a", "mine/b"), "train a, train b", 0),
    "wrapped eight times": (paths(f"{EIGHT}a", f"{EIGHT}b"), "train a, train b", 0),
    "splits wrapped eight times": (paths(f"{EIGHT}train/a", f"{EIGHT}train/b"), "train a, train b", 0),
    "packed twice": (paths("a", "b", "mine/a", "mine/b"), "train a, train b", 2),
    "NFC and NFD": (paths("train/caf\u00e9", "train/b", "val/cafe\u0301"), "train b, train café, validation café", 0),
    "NFC and NFD in one split": (paths("caf\u00e9", "cafe\u0301", "b"), "train b, train café", 0),
    "numbers": (paths("10", "9", "1", "2"), "train 1, train 2, train 9, train 10", 0),
    "numbers in names": (paths("c10", "c9", "c1"), "train c1, train c9, train c10", 0),
    "numbers of 5,000 digits": (paths("1" * 5000, "2"), f"train 2, train {'1' * 5000}", 0),
    "a class called all": (paths("all", "some"), "train all, train some", 0),
    "a class with a comma": (paths("a, b", "c"), "train a, b, train c", 0),
    "names of markup": (paths("<b>a", "[x](y)"), "train <b>a, train [x](y)", 0),
    "bytes that are no UTF-8": (paths("a\udcff", "b"), "train a\\xff, train b", 0),
    "different bytes that are no UTF-8": (paths("a\udcff", "a\udcfe"), "train a\\xfe, train a\\xff", 0),
    "a newline": (paths("a\n# b", "c"), "train a\\n# b, train c", 0),
    "a name of spaces": (paths(" ", "c"), "train \\x20, train c", 0),
    "system folders": (
        [*paths("a", "b", "@eaDir", "a/@eaDir", "__pycache__", "__MACOSX/a", "$RECYCLE.BIN", "lost+found", ".git",
                "System Volume Information", "#recycle", ".ipynb_checkpoints"), "a/Thumbs.db", "a/desktop.ini"],
        "train a, train b", 0),
    "GIFs among others": ([*paths("a", "b"), "a/x.gif"], "train a, train b", 1),
    "jfif and pgm": ([*paths("a", end="jfif"), *paths("b", end="pgm")], "train a, train b", 0),
}  # fmt: skip
PROBLEMS = {  # name: (files, the sentence)
    "nothing": ([], "holds no images; a data set is a folder or zip of class folders with png, "),
    "GIFs only": (paths("a", "b", end="gif"), "in 'mine' are GIF files, which are not read: save them as PNG"),
    "telephones": (paths("a", "b", end="HEIC"), "are HEIC files, which are not read: save them as JPEG"),
    "one class": (paths("a"), "a single class folder, 'a'; at least two are needed: sort its images into one"),
    "one class and a folder in it": (paths("a", "a", "a/x"), "a single class folder, 'a'"),
    "no folders": (["1.png", "2.png"], "no class folder with images; at least two are needed: sort its images"),
    "splits without classes": (paths("train", "test"), "has test, train but no class folders in them: sort the images"),
    "a split without classes": (paths("train"), "has train but no class folders in it: sort the images of each into"),
    "no train": (paths("test/a", "test/b"), "has test but no train folder; rename the one to train on to 'train'"),
    "no train beside classes": (paths("a", "b", "test/a", "test/b"), "has test but no train folder; rename"),
    "train beside the same folders": (paths("train/a", "train/b", "extra/a", "extra/b"),
                                      "'train' beside 'extra' with folders of the same names in both: rename the"),
    "a space behind": (paths("cat", "cat "), "two classes that look alike, 'cat' and 'cat ': rename one of them"),
    "two spaces": (paths("a cat", "a  cat"), "two classes that look alike, 'a  cat' and 'a cat': rename one of them"),
    "a ligature": (paths("ﬁsh", "fish"), "two classes that look alike, 'fish' and 'ﬁsh': rename one of them"),
    "a joiner": (paths("cat", "c\u200dat"), "two classes that look alike"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_layout_is_read_as_it_is_meant(name):
    files, expected, left_out = RIGHT[name]
    found = read(files)
    assert found.problem == ""
    assert ", ".join(placed(found)) == expected
    assert len(found.left_out) == left_out
    assert found.pictures == len([file for file in files if visible(file) and not file.endswith(".gif")]) - (
        left_out - any(file.endswith(".gif") for file in files)
    )


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_layout_that_cannot_be_read_is_one_sentence_with_a_way_out(name):
    files, sentence = PROBLEMS[name]
    assert sentence in read(files).problem


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "the same folders in all classes",
            "Every class has the same folders in it (in, out). If these are the",
        ),
        ("a class called valid", "The folder 'valid' holds images and no class folders, so it is taken for a class."),
    ],
)
def test_what_may_be_meant_otherwise_is_said(name, sentence):
    (note,) = read(RIGHT[name][0]).notes
    assert note.text.startswith(sentence)
    assert not read(RIGHT["classes"][0]).notes and not read(RIGHT["splits"][0]).notes


def test_a_class_with_too_few_images_is_left_out_and_the_others_are_read(root):
    put(root / "pets", pets(6) | {"bees/1.png": encoded(picture(77)), "bees/torn.png": b"", "owls/1.png": b""})
    found = data.load("pets", 8)
    few = "which has {} that can be read; each class needs at least 3"
    assert found.classes == TWO and sum(len(images.y) for images in found.splits.values()) == 12
    assert few.format("1 training image") in left(found)["bees/1.png"]
    assert "content is none of" in left(found)["bees/torn.png"] and "content is none of" in left(found)["owls/1.png"]


def test_a_class_with_one_image_is_read_where_no_split_is_cut_from_it(root):
    files = pets(3, ("train/", "val/", "test/")) | {f"{it}/bees/1.png": encoded(picture(7)) for it in ("train", "test")}
    put(root / "pets", files)
    assert data.load("pets", 8).classes == ("bees", *TWO)


def test_classes_keep_their_images_when_another_is_left_out(root):
    put(root / "pets", pets(6) | {"ants/0.png": encoded(picture())})
    without = data.load("pets", 8)
    (root / "pets/ants/0.png").unlink()
    assert all((images.x == data.load("pets", 8).splits[it].x).all() for it, images in without.splits.items())
    assert without.hash == data.load("pets", 8).hash


@pytest.mark.parametrize("separator", ["\\", "/"])
def test_a_zip_of_windows_is_read_like_any_other(root, separator):
    files = {name.replace("/", separator): content for name, content in pets(6, ("mine/train/",)).items()}
    put_zip(root / "win.zip", files | {f"mine{separator}train{separator}cats{separator}": b""})
    found = data.load("win", 8)
    assert found.classes == TWO and sum(len(images.y) for images in found.splits.values()) == 12 and not found.left_out


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_in_a_zip_the_last_is_read_and_the_other_named(root):
    put_zip(root / "twice.zip", pets(6))
    with zipfile.ZipFile(root / "twice.zip", "a") as archive:
        archive.writestr("cats/000.png", encoded(picture(99)))
    found = data.load("twice", 8)
    assert left(found) == {"cats/000.png": "an earlier file of a name that stands twice in the zip"}
    assert sum(len(images.y) for images in found.splits.values()) == 12


def test_links_and_paths_that_lead_out_of_a_zip_are_left_out_and_named(root):
    put_zip(root / "evil.zip", pets(6) | {"../up.png": b"x", "/root.png": b"x", "cats/../../x.png": b"x"})
    link = zipfile.ZipInfo("cats/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(root / "evil.zip", "a") as archive:
        archive.writestr(link, "/etc/passwd")
    why = left(data.load("evil", 8))
    assert why.pop("cats/link.png") == "a link, which is not followed: pack what it leads to"
    assert set(why) == {"../up.png", "/root.png", "cats/../../x.png"}
    assert set(why.values()) == {"a file of the zip whose path leads out of it"}


def test_a_folder_of_deep_folders_is_read_whole(root):
    put(root / "deep", {f"{EIGHT}{EIGHT}{name}": content for name, content in pets(6).items()})
    assert data.load("deep", 8).classes == TWO


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a", "a"),
     ("a\udcffb", "a\\xffb"), ("a\nb", "a\\nb"), ("\u202eabc", "\\u202eabc"), ("می\u200cروم", "می\u200cروم"),
     ("cafe\u0301", "café"), ("\x1b[31m", "\\x1b[31m"), ("👩\u200d🚀", "👩\u200d🚀"), ("\x00", "\\x00")],
)  # fmt: skip
def test_a_name_is_shown_so_that_any_page_can_show_it(name, shown):
    assert legible(name) == shown
    shown.encode()


def test_names_are_alike_where_they_look_alike():
    assert alike("ﬁsh\u00a0 x ") == alike("fish x") and alike("a") != alike("A") and alike("ab") != alike("a b")


def test_numbers_in_names_are_sorted_by_value():
    assert sorted(["10", "9a", "9", "b2", "b10", "b", "²"], key=natural) == ["9", "9a", "10", "b", "b2", "b10", "²"]


def test_a_set_whose_classes_look_alike_is_refused_as_a_whole(root):
    put(root / "pets", {name.replace("dogs", "cats "): content for name, content in pets(6).items()})
    with pytest.raises(Refused, match="two classes that look alike, 'cats' and 'cats ': rename one of them"):
        data.load("pets", 8)
