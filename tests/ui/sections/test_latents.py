"""What the page of the latent space says of the model behind its figures."""

import pytest

from explorer import runs
from explorer.runs import Spec
from pages.ui.sections import latents as latents_section


@pytest.mark.parametrize(("which", "step"), [("", 30), ("@last", 30), ("@best", 10), ("@0", 0)])
def test_a_figure_names_the_step_of_the_weights_that_it_is_drawn_from(which, step):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    run.write_checkpoint(10, {"model.safetensors": b"w"}, "best")
    run.write_checkpoint(30, {"model.safetensors": b"w", "resume.pt": b"r"})
    run.update(state="done", step=30)
    assert latents_section._step(f"{run.id}{which}") == step


def test_a_model_without_a_training_has_no_step():
    assert latents_section._step("pca") is None


def test_factors_are_measured_on_the_same_images_however_slow_the_machine_is(monkeypatch):
    from explorer import data
    from pages.ui.sections import latents, latents_factors

    monkeypatch.setattr(latents, "PATIENCE", 0)
    monkeypatch.setattr(latents, "CHUNK", 10)
    dataset = data.load("digits")
    found = latents_factors._bank("pca:4", dataset)
    assert found.rows.tolist() == sorted(dataset.probe()[0].tolist())
    assert found.codes.shape == (len(found.rows), 4)
