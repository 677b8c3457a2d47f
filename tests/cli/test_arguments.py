"""Hyperparameters on the command line: their names, ranges and defaults."""

import pytest
from pydantic import Field

from explorer import Refused
from explorer.__main__ import main, parser
from explorer.cli.arguments import given, listed
from explorer.core import METHODS, MethodConfig, TrainConfig


@pytest.fixture
def stubborn(monkeypatch):
    """A method whose hyperparameters are called like those of a training and like options of the command."""

    class Config(MethodConfig):
        """Hyperparameters that clash."""

        width: int = Field(1, ge=1, le=9, description="of the method, not of the encoder")
        title: int = Field(1, ge=1, le=9, description="of the method, not of the run")
        json: int = Field(1, ge=1, le=9, description="of the method, not of the answer")
        mine: int = Field(1, ge=1, le=9, description="of the method alone")

    class Stubborn(METHODS["supervised"]):
        """A method for a test."""

    Stubborn.Config = Config
    monkeypatch.setitem(METHODS._items, "stubborn", Stubborn)
    return Config


@pytest.mark.filterwarnings("ignore:Field name")  # pydantic has a `json` of its own
def test_hyperparameters_that_are_called_like_options_get_the_methods_name(stubborn):
    words = ("--width", "0.5", "--stubborn-width", "7", "--mine", "3", "--title", "A title", "--stubborn-title", "4")
    argv = ["train", "stubborn", "digits", *words, "--json", "--stubborn-json", "5"]
    args = parser(argv).parse_args(argv)
    assert given(args, stubborn) == {"width": "7", "title": "4", "json": "5", "mine": "3"}
    assert given(args, TrainConfig) == {"width": "0.5"}
    assert (args.title, args.json, args.method, args.dataset) == ("A title", True, "stubborn", "digits")


def test_help_shows_ranges_and_defaults(capsys):
    with pytest.raises(SystemExit):
        main(["map", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "{at least 3, at most 60000} [1000]" in shown
    assert "{pca, kernel_pca, lle, isomap, tsne, umap}" in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [("a,b", ("a", "b")), ('"a, b",c', ("a, b", "c")), ('c, "a,b"', ("c", "a,b")), ("", ("",)), ('5",6"', ('5"', '6"')),
     ('"say ""a"""', ('say "a"',))],
)  # fmt: skip
def test_a_word_with_commas_stands_in_quotation_marks(text, words):
    assert listed(text) == words


def test_a_quotation_mark_that_is_not_closed_is_refused():
    with pytest.raises(Refused, match="'\"a, b,c' is no list of words: close each quotation mark, as in "):
        listed('"a, b,c')
