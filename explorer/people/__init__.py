"""The people of this folder of runs: a nickname for each browser, and a code by which a person is found again."""

from explorer.people.names import checked_name
from explorer.people.store import COMMAND_LINE, Person, ensure, get, name, new_person, of_browser, recover, rename

__all__ = [
    "COMMAND_LINE",
    "Person",
    "checked_name",
    "ensure",
    "get",
    "name",
    "new_person",
    "of_browser",
    "recover",
    "rename",
]
