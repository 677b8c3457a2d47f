"""Who is who: a small JSON file for each person and for each browser that was linked, beside the runs.

A browser is known by a hash of its cookie; the cookie itself is stored nowhere.
"""

import json
import re
import secrets
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ValidationError

from explorer import reading
from explorer.errors import Refused
from explorer.people import names
from explorer.runs import atomic, locks, root

FORMAT = 1
COMMAND_LINE = "command line"  # the name of who asks for a run without a browser
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
WAIT = 5.0  # seconds for another process that writes
TRIES, WITHIN = 10, 60.0  # wrong codes that this process takes, in how many seconds
_wrong: deque[float] = deque(maxlen=TRIES)
_trying = Lock()


class Person(BaseModel, frozen=True, extra="ignore"):
    """Somebody: a nickname, and the code by which another browser becomes theirs."""

    format: int = FORMAT
    id: str
    name: str
    code: str = ""  # empty until the person is stored
    created: float = 0.0

    @property
    def spelled_code(self) -> str:
        """The code as people write it down."""
        return names.spelled(self.code) if self.code else ""


def _folder(part: str) -> Path:
    return root() / ".people" / part


def _file(part: str, id: str) -> Path:
    if not ID.fullmatch(id):
        raise Refused(f"not the id of a person: '{id[:64]}'")
    return _folder(part) / f"{id}.json"


def of_browser(browser: str) -> str:
    """The id of the person at a browser; a browser that was never linked is a person of its own."""
    if not browser:
        return ""
    return str(_read(_file("browsers", browser)).get("person") or browser)


def get(id: str) -> Person:
    """The person of that id; one that is not stored has a generated nickname and no code yet."""
    fields = _read(_file("persons", id)) if id else {}
    try:
        return Person.model_validate({**fields, "id": id})
    except ValidationError:  # nothing stored, or a damaged file
        return Person(id=id, name=names.generated(id) if id else COMMAND_LINE)


def name(id: str) -> str:
    """What a person is called; without an id it is the command line."""
    return get(id).name if id else COMMAND_LINE


def everybody() -> Iterator[Person]:
    """All who are stored; a file whose name is no id, such as a temporary one, is nobody."""
    for path in sorted(_folder("persons").glob("*.json")):
        if ID.fullmatch(path.stem) and (person := get(path.stem)).code:
            yield person


def ensure(id: str) -> Person:
    """The person of that id, stored from now on, under a nickname that nobody else has."""
    if not id:
        raise Refused("this browser keeps no cookies, so nobody is known here: allow cookies and load the page again")
    if (person := get(id)).code:
        return person
    with _writing():
        if (person := get(id)).code:
            return person
        taken = {other.name.casefold() for other in everybody()}
        free = (made for attempt in range(99) if (made := names.generated(id, attempt)).casefold() not in taken)
        person = Person(id=id, name=next(free, names.generated(id)), code=_free_code(), created=time.time())
        _write(_file("persons", id), person.model_dump())
    return person


def rename(id: str, name: str) -> Person:
    """Gives a person another nickname; raises `Refused` where it is not allowed, or another person's."""
    name = names.checked_name(name)
    ensure(id)
    with _writing():
        taken = {other.name.casefold() for other in everybody() if other.id != id} | {COMMAND_LINE}
        if name.casefold() in taken:
            raise Refused(f"somebody else here is called '{name}': choose another nickname")
        person = get(id).model_copy(update={"name": name})
        _write(_file("persons", id), person.model_dump())
    return person


def recover(browser: str, code: str) -> Person:
    """Makes a browser that of the person with this code; raises `Refused` for a wrong one, and after too many."""
    if not browser:
        raise Refused("this browser keeps no cookies, so nobody can be found again: allow cookies and try again")
    code = names.plain_code(code)
    with _trying:
        _refuse_many()
        person = next((each for each in everybody() if secrets.compare_digest(each.code, code)), None)
        if person is None:
            _wrong.append(time.monotonic())
            raise Refused("nobody here has this code: compare it with what was shown, letter by letter")
    _link(browser, person.id)
    return person


def new_person(browser: str) -> Person:
    """Makes a browser that of somebody new: for a computer that several people use one after another."""
    person = ensure(secrets.token_hex(8))
    _link(browser, person.id)
    return person


def _refuse_many() -> None:
    if len(_wrong) == TRIES and time.monotonic() - _wrong[0] < WITHIN:
        left = round(WITHIN - (time.monotonic() - _wrong[0])) + 1
        raise Refused(f"{TRIES} wrong codes within a minute are too many: wait {left} s, then try again")


def _free_code() -> str:
    taken = {other.code for other in everybody()}
    return next(code for code in iter(names.new_code, "") if code not in taken)


def _link(browser: str, person: str) -> None:
    with _writing():
        _write(_file("browsers", browser), {"format": FORMAT, "person": person})


def _writing() -> object:
    """One process and one thread writes at a time."""
    folder = _folder("persons")
    folder.mkdir(parents=True, exist_ok=True)
    return locks.hold(folder.parent / "lock", wait=WAIT)


def _write(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.replace(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _read(path: Path) -> dict[str, object]:
    """What a small file holds; nothing where it is missing or damaged."""
    try:
        return reading.fields(path)
    except (OSError, reading.Damaged):
        return {}
