"""Who the visitor is on this machine: a nickname that stands on runs and guesses, and a code to be found again by."""

import streamlit as st

from explorer import people
from pages.ui.kit import actions, identity, messages

NAME, CODE = "person-name", "person-code"


def popover() -> None:
    """The visitor's nickname as a button; behind it the ways to change it and to be found again."""
    me = identity.me()
    if not me:
        return
    person = people.get(me)
    with st.popover(messages.plain(person.name), icon=":material/person:", type="tertiary", key="person"):
        _rename(person)
        with st.expander("My code"):  # folded: a projector shows this window to a class
            _code(person)
        with st.expander("Another browser, or a lost cookie"):
            _recover()
        actions.button("I am somebody else", _new, key="person-new", type="tertiary", icon=":material/person_add:")
        st.caption("For a computer that several people use: what was done here stays with the nickname above.")


def _rename(person: people.Person) -> None:
    with st.form("person-form", border=False):
        st.text_input("Nickname, shown on your runs", person.name, max_chars=24, key=NAME)
        st.form_submit_button("Save", on_click=actions.perform, args=("person-form", _save))
    actions.failure("person-form")


def _save() -> None:
    people.rename(identity.me(), st.session_state[NAME])


def _code(person: people.Person) -> None:
    if person.code:
        st.markdown(f"Your code: **{person.spelled_code}**  \nIt gives you your runs back. Whoever has it is you.")
        return
    actions.button("Show my code", _store, key="person-store", icon=":material/key:")
    st.caption("A code gives you your runs back when the cookie of this browser is lost.")


def _store() -> None:
    people.ensure(identity.me())


def _recover() -> None:
    with st.form("person-recover", border=False):
        st.text_input("Your code", placeholder="ABCD-EFGH", max_chars=12, key=CODE)
        st.form_submit_button("Find my runs", on_click=actions.perform, args=("person-recover", _find))
    actions.failure("person-recover")


def _find() -> None:
    people.recover(identity.browser(), st.session_state[CODE])
    _forget()


def _new() -> None:
    people.new_person(identity.browser())
    _forget()


def _forget() -> None:
    """The fields belong to whom the browser was before."""
    for key in (NAME, CODE):
        st.session_state.pop(key, None)
