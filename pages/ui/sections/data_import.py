"""Importing pictures on the Data page: what was brought is said, named by class, and kept as a set of one's own."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import streamlit as st

from explorer.data.dataset import LeftOut
from explorer.data.photos import suffix
from explorer.errors import Refused
from explorer.system import settings
from explorer.tasks import image_import
from explorer.tasks.image_import import Opened
from pages.ui.kit import identity, messages, picture_source, url_state
from pages.ui.kit.picture_source import Brought

KEY, NEW = "brought", "_brought_set"  # of the picker; in the session: the set that was just imported
ZIP = "_brought_zip"  # in the session: the zip that is open, as (id of its upload, what closes it, what it holds)
TITLE, TABLED, CLASSES_SHOWN = image_import.TITLE, 500, 8
TYPES = ("zip", "csv", "tsv")
ABOUT = """
Classes follow from class folders, from a table with file names and labels, or from names like `cat_1.png`; what they do
not say, you name here. A zip may hold 5,000 files and inflate to 500 MB.
"""
NOBODY = "This browser keeps no cookies, so a set would be nobody's: allow cookies for this page, and load it again."


def form() -> None:
    """Bring pictures, see what they are taken for, name classes, import."""
    me = identity.me()
    if not me:
        st.caption(NOBODY)
        return
    brought = picture_source.choose(KEY, more_types=TYPES, named=True, help=" ".join(ABOUT.split()))
    if not brought:
        _close()
        most, own = settings.megabytes("UPLOAD_FILE"), settings.megabytes("UPLOAD_BROWSER")
        free, limits = (
            messages.amount(image_import.room(me)),
            f"{messages.amount(most)} a file, {messages.amount(own)} in all",
        )
        st.caption(f"Pictures, a folder of class folders, or one zip; {limits}, of which {free} are free.")
        return
    with _opened(brought) as found:
        classes = _classes(found, brought)
        _understood(found, classes)
        title = st.text_input("Name of the set", _stem(brought), max_chars=TITLE, key=f"{KEY}-title")
        if st.button("Import", type="primary", icon=":material/add_photo_alternate:", key=f"{KEY}-import"):
            bar = st.progress(0.0, "Reading the pictures")
            try:
                made = image_import.keep(
                    found, title, me, classes=classes, progress=lambda share, text: bar.progress(share, text)
                )
            finally:
                bar.empty()
            picture_source.clear(KEY)
            st.session_state[NEW] = made.name
            url_state.restart(data=made.name)
            st.rerun()


def left_out_table(left_out: Sequence[LeftOut], key: str) -> None:
    """The files that were left out, each with its reason."""
    if left_out:
        many = "1 file was left out" if len(left_out) == 1 else f"{len(left_out):,} files were left out"
        st.caption(f"{many}:")
        listed = [{"file": out.path, "reason": out.why} for out in left_out]
        st.dataframe(listed, hide_index=True, height="content" if len(left_out) < 5 else 180, key=key, alt=many)


@contextmanager
def _opened(brought: Sequence[Brought]) -> Iterator[Opened]:
    """What the files hold; a zip is written down and opened once for each upload, since it is read in parts."""
    zips = [it for it in brought if suffix(it.name) == "zip"]
    if not zips:
        _close()
        names = [it.name for it in brought]
        if twice := [name for name, n in Counter(names).items() if n > 1]:
            raise Refused(f"two files are called '{twice[0]}': bring their folders, or give them other names")
        yield image_import.of_files({it.name: it.content for it in brought})
        return
    if len(brought) > 1:
        raise Refused("a zip is a set by itself: bring it alone, without other files")
    if st.session_state.get(ZIP, ("",))[0] != zips[0].id:
        _close()
        st.session_state[ZIP] = _written(zips[0])
    try:
        yield st.session_state[ZIP][2]
    except Exception:  # not the end of a page's run, after which the same upload is read on
        with st.session_state.pop(ZIP)[1]:  # says what is wrong with the zip
            raise


def _written(zip_: Brought) -> tuple[str, ExitStack, Opened]:
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory()), "upload.zip")
        path.write_bytes(zip_.content)
        found = image_import.of_zip(path, stack, Path(zip_.name).name)
        return zip_.id, stack.pop_all(), found


def _close() -> None:
    if ZIP in st.session_state:
        st.session_state.pop(ZIP)[1].close()


def _stem(brought: Sequence[Brought]) -> str:
    """What a set is called unless somebody says else: its zip or its folder."""
    first = brought[0].name
    return Path(first).stem if suffix(first) == "zip" else first.partition("/")[0] if "/" in first else "My pictures"


def _classes(found: Opened, brought: Sequence[Brought]) -> dict[str, str]:
    """The class of each file that has none by itself, or that somebody has corrected, as the visitor names it."""
    said = {it.name: it.label for it in brought if it.label}
    if found.by and not said:
        return {}
    labels = {item.name: said.get(item.name) or item.label for item in found.items}
    if all(labels.values()):
        return labels
    some = [name for name, label in labels.items() if not label][:TABLED]
    st.caption("Nothing says the classes of these pictures: type them, or fill a column by dragging its corner.")
    rows = [{"file": name, "class": ""} for name in some]
    typed = st.data_editor(
        rows, hide_index=True, disabled=["file"], height=240, key=f"{KEY}-classes-{hash(tuple(some))}", alt="Classes"
    )
    return labels | {row["file"]: row["class"].strip() for row in typed if (row["class"] or "").strip()}


def _understood(found: Opened, classes: dict[str, str]) -> None:
    """What the files were taken for: pictures, classes, and what is left out."""
    counts = Counter(classes.get(item.name) or item.label or "no class" for item in found.items)
    named = ", ".join(f"{messages.plain(name)} ({n:,})" for name, n in list(counts.items())[:CLASSES_SHOWN])
    more = f" and {len(counts) - CLASSES_SHOWN:,} more" if len(counts) > CLASSES_SHOWN else ""
    by = f", after {messages.plain(found.by)}" if found.by and not classes else ""
    messages.prose(f"**{len(found.items):,} pictures in {len(counts):,} classes**{by}: {named}{more}")
    left_out_table(found.left_out, f"{KEY}-left-out")
