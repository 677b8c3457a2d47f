"""The list of runs says whose they are, and who may change those of others."""

import pytest

from explorer import runs
from explorer.runs import Spec
from explorer.system import settings
from pages.ui.kit import identity
from pages.ui.runs import run_list

TRAINING = Spec(kind="train", title="a", method="simclr", dataset="digits")


def test_runs_of_the_command_line_are_not_counted_as_those_of_other_users(monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "me")
    of = [runs.create(TRAINING.model_copy(update={"user": user})) for user in ("me", "another", "", "")]
    assert "1 run of yours**, 1 of other users on this machine, 2 of the command line; 4" in run_list.summary(of)
    assert "1 run of yours**, 1 of other users on this machine; 2" in run_list.summary(of[:2])


@pytest.mark.parametrize(("user", "says"), [("another", "Only they or the teacher may"), ("", "Only the teacher may")])
def test_the_command_line_is_nobody_who_may_stop_a_run(user, says):
    assert run_list._who_may(runs.create(TRAINING.model_copy(update={"user": user}))).startswith(says)


@pytest.mark.parametrize(
    ("user", "given", "says"),
    [
        ("me", "", "Rename or delete"),
        ("another", "secret", "Delete"),
        ("another", "", "Who may delete it"),
        ("", "", "Who may delete it"),
    ],
)
def test_what_is_offered_for_a_run_is_what_its_visitor_may_do(user, given, says, monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "me")
    monkeypatch.setattr(settings, "is_teacher", lambda _: given == "secret")
    assert run_list._offer(runs.create(TRAINING.model_copy(update={"user": user}))) == says
