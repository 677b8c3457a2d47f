"""What a latent space offers stands whatever became of one run: it is left out, and named."""

import json
import shutil
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from explorer import Refused, runs
from pages.ui.kit import messages
from pages.ui.sections import latents_beta, latents_panels

SHIPPED = "garments-vae"
GARMENTS = SimpleNamespace(name="garments")


def copied(root, name, **hyperparameters):
    """A copy of a shipped VAE with other hyperparameters in its record."""
    folder = root / name
    shutil.copytree(runs.SHIPPED / SHIPPED, folder)
    spec = json.loads((folder / "spec.json").read_text())
    spec["hyperparameters"] |= hyperparameters
    (folder / "spec.json").write_text(json.dumps(spec))
    return name


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("beta", ["abc", None, [], True, -1, float("nan"), float("inf")])
def test_a_damaged_weight_leaves_out_that_run_alone_and_names_it(root, beta):
    copied(root, "bad", beta=beta)
    copied(root, "good", beta=4.0)
    found = latents_beta.family(SHIPPED, GARMENTS)
    assert found.damaged == ("bad",)
    assert found.models == {0.0: "garments-vae-beta-0", 1.0: SHIPPED, 4.0: "good", 16.0: "garments-vae-beta-16"}
    assert latents_beta.family("bad", GARMENTS).models == {}


def test_a_model_that_cannot_be_opened_costs_its_point_alone(monkeypatch):
    def point(ref, beta, stamp, dataset):
        if ref == "bad":
            raise Refused("the weights of 'bad' are damaged")
        return latents_beta.Point(ref, beta, 1.0, 0.1, 3)

    said = []
    monkeypatch.setattr(latents_beta, "point", point)
    monkeypatch.setattr(latents_beta.model_cache, "stamp", lambda *_: "")
    monkeypatch.setattr(messages, "show_error", said.append)
    assert [it.ref for it in latents_beta.measured({0.0: "a", 1.0: "bad", 2.0: "c"}, GARMENTS)] == ["a", "c"]
    assert len(said) == 1


def broken_offer():
    from pages.ui.sections import latents_panels

    latents_panels.draw("garments-vae", None, 0)


def test_what_fails_before_the_choice_is_one_sentence(monkeypatch):
    def refused(*_):
        raise Refused("the record of 'bad' is damaged")

    monkeypatch.setattr(latents_panels, "offered", refused)
    at = AppTest.from_function(broken_offer).run()
    assert not at.exception
    assert "the record of 'bad' is damaged" in " ".join(it.value.lower() for it in at.error)
