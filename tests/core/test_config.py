"""Hyperparameters: what is misspelled or impossible is refused with the choices."""

import pytest

from explorer import Refused
from explorer.methods import METHODS


def test_a_misspelled_or_impossible_hyperparameter_is_refused_with_the_choices():
    with pytest.raises(Refused, match=r"temprature.*did you mean 'temperature'"):
        METHODS["simclr"].hyperparameters({"temprature": 0.5})
    with pytest.raises(Refused, match=r"temperature=9.*less than or equal to 1"):
        METHODS["simclr"].hyperparameters({"temperature": 9})
    with pytest.raises(Refused, match=r"no method 'simlcr'; did you mean 'simclr'"):
        METHODS.choose("simlcr")
    with pytest.raises(Refused, match=r"no encoder 'vgg'.*conv"):
        METHODS["simclr"].training({"encoder": "vgg"})
