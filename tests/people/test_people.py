"""Who is who: nicknames, codes, browsers; nothing of a cookie is stored."""

import json

import pytest

from explorer import Refused, people, runs
from explorer.people import names, store


@pytest.fixture(autouse=True)
def no_wrong_codes(monkeypatch):
    """Each test has tries of its own."""
    store._wrong.clear()


@pytest.mark.parametrize("name", ["Anna", "Blue Heron", "Åsa", "O’Neil", "李 明", "a.b", "X-1", "ab"])
def test_a_nickname_has_letters_digits_and_a_few_marks(name):
    assert people.rename("anna", name).name == name
    assert people.name("anna") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "x" * 25,
        "<b>x</b>",
        "[a](b)",
        "**a**",
        "a`b",
        "a|b",
        "$x$",
        "a\x00b",
        "--",
        "a:b",
        "a/b",
        "&amp;",
        "\u202eab",
        "#ab",
    ],
)
def test_what_is_no_nickname_is_refused_in_a_sentence(name):
    with pytest.raises(Refused, match="cannot be a nickname: it has 2 to 24 letters"):
        people.rename("anna", name)


def test_spaces_are_single_and_a_name_belongs_to_one():
    assert people.rename("anna", "  Blue   Heron ").name == "Blue Heron"
    with pytest.raises(Refused, match="somebody else here is called 'blue heron'"):
        people.rename("ben", "blue heron")
    assert people.rename("anna", "blue heron").name == "blue heron"


def test_who_has_chosen_no_name_has_a_generated_one_that_nobody_else_has(monkeypatch):
    assert people.get("anna").name == people.get("anna").name == names.generated("anna")
    assert not (runs.root() / ".people").exists()  # looking stores nothing
    made = [people.ensure(f"person{i}") for i in range(60)]
    assert len({person.name for person in made}) == len({person.code for person in made}) == 60
    assert all(names.checked_name(person.name) for person in made)
    assert people.ensure("person7") == made[7]


def test_runs_of_nobody_belong_to_the_command_line():
    assert people.name("") == "command line"
    with pytest.raises(Refused, match="keeps no cookies"):
        people.ensure("")


def test_a_code_gives_another_browser_the_person_back():
    assert people.of_browser("old") == "old"
    anna = people.ensure("old")
    found = people.recover("new", anna.spelled_code.lower())
    assert found.id == "old"
    assert (people.of_browser("new"), people.of_browser("old"), people.of_browser("third")) == ("old", "old", "third")


def test_somebody_else_at_the_same_browser_is_a_new_person():
    people.rename("browser", "Anna")
    other = people.new_person("browser")
    assert people.of_browser("browser") == other.id != "browser"
    assert people.get("browser").name == "Anna"
    assert people.recover("browser", people.get("browser").code).name == "Anna"


@pytest.mark.parametrize("code", ["", "ABCD", "ABCD-EFG1", "ABCD-EFGHJ", "ILOSZILO"])
def test_what_cannot_be_a_code_is_said_and_counts_as_no_try(code):
    for _ in range(store.TRIES + 1):
        with pytest.raises(Refused, match="a code has 8 letters"):
            people.recover("new", code)


def test_wrong_codes_are_limited_and_the_right_one_must_wait_too(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(store.time, "monotonic", lambda: now[0])
    anna = people.ensure("old")
    wrong = "AAAAAAAA" if anna.code != "AAAAAAAA" else "BBBBBBBB"
    for _ in range(store.TRIES):
        with pytest.raises(Refused, match="nobody here has this code"):
            people.recover("new", wrong)
    with pytest.raises(Refused, match="10 wrong codes within a minute are too many: wait"):
        people.recover("new", anna.code)
    now[0] += store.WITHIN + 1
    assert people.recover("new", anna.code).id == "old"


def test_codes_are_long_and_have_no_letters_that_look_alike():
    codes = {names.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) & set("ILOSZ0125")
    assert len(names.LETTERS) ** names.LENGTH > 3e10


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 3}', '{"format": 9}'])
def test_a_damaged_file_is_a_person_without_a_name(content):
    people.rename("anna", "Anna")
    (runs.root() / ".people/persons/anna.json").write_text(content)
    assert people.get("anna").name == names.generated("anna")
    assert people.ensure("anna").code


@pytest.mark.parametrize("name", [".12-34-anna.json", "anna copy.json"])
def test_a_stray_file_is_nobody_and_locks_nobody_out(name):
    people.rename("anna", "Anna")
    folder = runs.root() / ".people/persons"
    (folder / name).write_bytes((folder / "anna.json").read_bytes())
    assert people.ensure("ben").code
    assert people.rename("ben", "Ben").name == "Ben"
    assert people.recover("new", people.get("anna").code).id == "anna"


@pytest.mark.parametrize("id", ["../x", "a/b", "a.b", "x" * 65])
def test_no_id_leads_out_of_the_folder(id):
    with pytest.raises(Refused, match="not the id of a person"):
        people.ensure(id)


def test_a_file_holds_no_more_than_it_must():
    people.rename("anna", "Anna")
    stored = json.loads((runs.root() / ".people/persons/anna.json").read_text())
    assert set(stored) == {"format", "id", "name", "code", "created"}


@pytest.mark.parametrize("name", ["हिन्दी", "अनिता", "สมชาย์", "José", "Jose\u0301"])
def test_vowel_signs_and_accents_belong_to_the_letters_of_a_script(name):
    assert names.checked_name(name).isprintable()


def test_nobody_is_called_like_the_command_line_or_like_another_in_other_capitals(monkeypatch):
    with pytest.raises(Refused, match="somebody else here is called"):
        people.rename("a" * 16, "Command Line")
    people.rename("a" * 16, "plum gecko")
    monkeypatch.setattr(names, "generated", lambda id, attempt=0: ("Plum Gecko", "Red Fox")[attempt])
    assert people.ensure("b" * 16).name == "Red Fox"
