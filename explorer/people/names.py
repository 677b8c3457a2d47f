"""Nicknames and codes: what is generated, and what is allowed."""

import re
import secrets
import unicodedata
from hashlib import sha256

from explorer.errors import Refused

LEAST, MOST = 2, 24  # characters of a nickname
COLOURS = (
    "Amber", "Azure", "Blue", "Bronze", "Coral", "Cream", "Crimson", "Ebony", "Gold", "Green", "Grey", "Indigo",
    "Ivory", "Jade", "Lemon", "Lilac", "Olive", "Orange", "Pearl", "Pink", "Plum", "Red", "Ruby", "Sand", "Silver",
    "Teal", "Umber", "Violet", "White", "Yellow",
)  # fmt: skip
ANIMALS = (
    "Badger", "Beaver", "Bison", "Crane", "Deer", "Dolphin", "Duck", "Eagle", "Falcon", "Finch", "Fox", "Gecko",
    "Goose", "Hare", "Heron", "Horse", "Ibis", "Koala", "Lark", "Lynx", "Magpie", "Marten", "Mole", "Moose", "Newt",
    "Otter", "Owl", "Panda", "Parrot", "Pelican", "Puffin", "Raven", "Robin", "Salmon", "Seal", "Sparrow", "Stork",
    "Swan", "Tiger", "Turtle", "Whale", "Wolf", "Wren", "Zebra",
)  # fmt: skip
MARKS = " .'’-_"  # besides letters and digits of any script: nothing that is markup
LETTERS = "ABCDEFGHJKMNPQRTUVWXY"  # without those that look like others: I and L, O, S, Z
LENGTH = 8  # letters of a code: 21**8, which is 3.8e10


def generated(id: str, attempt: int = 0) -> str:
    """The nickname of somebody who has chosen none: a colour and an animal, the same for the same id."""
    number = int.from_bytes(sha256(f"{id} {attempt}".encode()).digest()[:6])
    return f"{COLOURS[number % len(COLOURS)]} {ANIMALS[number // len(COLOURS) % len(ANIMALS)]}"


def checked_name(text: str) -> str:
    """The nickname with single spaces; raises `Refused` unless it has 2-24 letters, digits, spaces and . ' - _."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if LEAST <= len(name) <= MOST and all(map(_allowed, name)) and any(map(str.isalnum, name)):
        return name
    raise Refused(
        f"'{name[:MOST]}' cannot be a nickname: it has {LEAST} to {MOST} letters, digits, spaces or . ' - _; "
        "choose another one"
    )


def _allowed(character: str) -> bool:
    """Whether a nickname may have it: vowel signs and accents of a script belong to its letters."""
    return character.isalnum() or character in MARKS or unicodedata.category(character) in ("Mn", "Mc")


def new_code() -> str:
    """A code that nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def spelled(code: str) -> str:
    """A code as people write it down: ABCD-EFGH."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def plain_code(text: str) -> str:
    """A typed code without spaces and hyphens, in capitals; raises `Refused` where it cannot be one."""
    code = re.sub(r"[\s-]+", "", text).upper()
    if len(code) == LENGTH and set(code) <= set(LETTERS):
        return code
    raise Refused(f"a code has {LENGTH} letters, such as {spelled('ABCDEFGH')}: type it as it was shown")
