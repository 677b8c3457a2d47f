"""Weights files of every format open, and say what data their network was made for."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from explorer import Refused, data
from explorer.core import DataSpec
from explorer.models import weights
from explorer.models.build import fresh, network

FIXTURES = Path(__file__).parents[1] / "fixtures"
OLD = {
    "format 1": FIXTURES / "format_1/small-autoencoder/last/000002/model.safetensors",
    "format 2": FIXTURES / "format_2/autoencoder.safetensors",
}


@pytest.mark.parametrize("format", OLD)
def test_weights_of_an_older_format_open(format):
    method, cfg = weights.restore(OLD[format])
    assert cfg.encoder == "mlp" and cfg.width == 0.25
    spec = method.spec
    assert (spec.name, spec.modality, spec.shape, spec.classes) == ("digits", "image", (1, 8, 8), tuple("0123456789"))
    assert (spec.channels, spec.size, spec.vocabulary, spec.rate) == (1, 8, 0, 0)
    assert spec.rows == {"format 1": 200, "format 2": 1077}[format]
    with safe_open(OLD[format], "pt") as file:
        assert all(torch.equal(file.get_tensor(name), method.state_dict()[name]) for name in file.keys())  # noqa: SIM118
    codes = network("old", "old", method, cfg).embed(data.load("digits").splits["test"].x[:3])
    assert codes.shape[0] == 3 and np.isfinite(codes).all()


def test_weights_of_today_name_every_field_of_their_data(tmp_path):
    method, cfg = weights.restore(OLD["format 1"])
    path = tmp_path / "model.safetensors"
    path.write_bytes(weights.pack(method, cfg, "hash"))
    about = content(path)
    assert about["format"] == weights.FORMAT == 3
    assert about["data"] == {
        "name": "digits", "modality": "image", "shape": [1, 8, 8], "classes": list("0123456789"), "rows": 200,
        "vocabulary": 0, "rate": 0,
    }  # fmt: skip
    assert weights.restore(path)[0].spec == method.spec


def test_a_field_of_a_later_version_is_left_aside_and_a_later_format_is_refused(tmp_path):
    method, cfg = weights.restore(OLD["format 2"])
    path = tmp_path / "model.safetensors"
    path.write_bytes(weights.pack(method, cfg, "hash"))
    about = content(path)
    rewrite(path, {**about, "data": {**about["data"], "colour_space": "lab"}})
    assert weights.restore(path)[0].spec == method.spec
    rewrite(path, {**about, "format": 9})
    with pytest.raises(Refused, match=r"9.*3"):
        weights.restore(path)


def test_a_network_is_not_made_for_data_of_another_kind():
    cfg = weights.restore(OLD["format 2"])[1]
    text = DataSpec("poems", "text", (12,), ("sad", "glad"), 40, vocabulary=99)
    with pytest.raises(Refused, match="autoencoder needs image data, and poems is text data: choose another data set"):
        fresh("autoencoder", {}, cfg, text)


def content(path):
    """What a weights file says of itself."""
    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()["unfold"])


def rewrite(path, about):
    """The same tensors under other words."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path, {"unfold": json.dumps(about)})
