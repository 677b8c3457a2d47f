"""Comparing models on the command line: what it answers, what it notes, and what it refuses."""

import os
from pathlib import Path

import numpy as np
import pytest

from explorer import runs
from explorer.__main__ import main
from explorer.models.pretrained import places
from explorer.models.pretrained.places import packaged
from explorer.models.reference import ModelRef
from explorer.tasks.finished_vectors import import_vectors

QUICK = ("--n", "120", "--permutations", "20", "--labels", "300", "--neighbours", "5")
REAL = Path(os.environ.get("EXPLORER_TEST_DATA", "none"))


def refused(capsys, *words):
    assert main(["compare", *words]) == 2
    return capsys.readouterr().err


def test_three_models_of_different_kinds_are_compared(answer, capsys):
    found = answer("compare", "digits-autoencoder", "pixels", "digits-autoencoder@0", "digits", *QUICK)
    assert (found["n"], found["splits"], found["labels"]) == (120, ["validation"], 300)
    assert [(each["first"], each["second"]) for each in found["pairs"]] == [
        ("digits-autoencoder", "pixels"), ("digits-autoencoder", "digits-autoencoder@0"),
        ("pixels", "digits-autoencoder@0"),
    ]  # fmt: skip
    trained, before = found["pairs"][0], found["pairs"][2]
    assert trained["untrained"]["cka"] == pytest.approx(before["similarity"]["cka"], abs=0.05), "its own frame 0"
    for pair in found["pairs"]:
        assert {"knn", "linear"} == set(pair["agreement"])
        assert all(sum(each["n"].values()) == 120 for each in pair["agreement"].values())
        assert 0 < pair["change"]["value"] < pair["change"]["level"] < 1
    assert found["models"][0]["probes"]["knn"]["accuracy"] > 0.8
    (run,) = runs.listing("compare")
    arrays = run.result()
    assert arrays["neighbours"].shape == (3, 120) and arrays["predicted_knn"].shape == (3, 120)
    assert found["pairs"][1]["change"]["value"] == pytest.approx(arrays["neighbours"][1].mean())
    assert main(["compare", "digits-autoencoder", "pixels", "digits-autoencoder@0", "digits", *QUICK]) == 0
    said = capsys.readouterr().out
    for words in ("120 images (validation), 5 nearest neighbours", "CKA, debiased", "by chance", "both right"):
        assert words in said


def test_the_same_model_twice_is_a_right_zero(answer):
    found = answer("compare", "pca:5", "pca:5", "digits", *QUICK)
    (pair,) = found["pairs"]
    assert pair["change"]["value"] == 0 and pair["similarity"]["cka"]["value"] == pytest.approx(1)
    assert pair["agreement"]["linear"]["better"] is None
    assert "pca:5 is named more than once: there is no difference to be found" in found["notes"]


def test_two_equally_good_models_are_no_difference(answer, capsys):
    words = ("compare", "pixels", "pca:30", "digits", *QUICK)
    assert all(each["better"] is None for each in answer(*words)["pairs"][0]["agreement"].values())
    assert main(list(words)) == 0
    assert "no difference (p " in capsys.readouterr().out


@pytest.mark.parametrize(("words", "said"), [
    (("pixels", "digits"), "compare is about 2 to 4 models, and 1 were named"),
    (("pixels", "pca", "untrained", "pca:2", "pca:3", "digits"), "compare is about 2 to 4 models, and 5 were named"),
    (("pixels", "nobody", "digits"), "no model 'nobody'"),
    (("pixels", "pca", "digits", "--n", "10", "--neighbours", "9"), "10 images are too few for the 9 nearest"),
    (("pixels", "pca", "digits", "--permutations", "5000", "--n", "2000"), "take at most 2,500 permutations, or fewer"),
    (("pixels", "pca", "nothing"), "no data set 'nothing'"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused_in_a_sentence(words, said, capsys):
    assert said in refused(capsys, *words)


def test_vectors_know_their_own_rows_alone_and_one_class_has_no_right_and_wrong(answer, capsys, tmp_path):
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(60, 4)))
    import_vectors(tmp_path / "v.npy", name="mine")
    assert "mine has vectors of its own rows alone, not of digits" in refused(capsys, "mine", "pixels", "digits")
    found = answer("compare", "mine", "mine", "mine", *QUICK)
    assert found["n"] == 60 and found["pairs"][0]["agreement"] == {}
    assert any("there is one class only, so nobody is right or wrong" in note for note in found["notes"])


def test_classes_without_labels_that_are_left_are_not_judged(answer, tmp_path):
    y = np.repeat(np.arange(12), [200, 200, *[20] * 10])
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(600, 4)) + y[:, None])
    np.savetxt(tmp_path / "y.csv", y, fmt="%d", header="label", comments="")
    import_vectors(tmp_path / "v.npy", tmp_path / "y.csv", name="skewed")
    found = answer("compare", "skewed", "skewed", "skewed", "--n", "300", *QUICK[2:])
    (note,) = [note for note in found["notes"] if "left to learn from" in note]
    assert "no labelled training images of 10 classes" in note and "their 200 images: compare fewer" in note
    assert sum(found["pairs"][0]["agreement"]["knn"]["n"].values()) == 100
    assert found["models"][0]["probes"]["knn"]["accuracy"] > 0.5


def test_training_images_that_are_compared_do_not_teach_the_probes(answer):
    found = answer("compare", "pixels", "pca:5", "digits", "--split", "all", "--n", "400", *QUICK[2:4])
    assert set(found["splits"]) == {"train", "validation", "test"} and found["labels"] < 1079 - 200


@pytest.mark.parametrize(("ref", "untrained"), [
    ("digits-simclr", "digits-simclr@0"), ("digits-simclr@best", "digits-simclr@0"), ("digits-simclr@0", None),
    ("squeezenet1_0", "squeezenet1_0@0"), ("pixels", None), ("pca:3", None), ("untrained:mlp", None),
])  # fmt: skip
def test_which_network_a_model_began_as(ref, untrained):
    found = ModelRef.parse(ref).untrained
    assert (None if found is None else str(found)) == untrained


@pytest.mark.slow
def test_networks_of_imagenet_are_more_alike_than_by_chance_and_untrained_ones_share_neighbours(answer, monkeypatch):
    """On 153 photographs: trained CKA 0.62, chance 0.19; untrained mutual neighbours 0.30, 0.25 beyond chance."""
    from explorer.models.pretrained import catalogue

    if not (REAL / "hymenoptera_data").is_dir():
        pytest.skip("the tutorial's images of ants and bees are not in EXPLORER_DATA")
    monkeypatch.setenv("EXPLORER_DATA", str(REAL))
    monkeypatch.setattr(places, "packaged", packaged)
    names = ("efficientnet_lite0", "squeezenet1_0")
    if missing := [name for name in names if not places.find(catalogue.find(name))]:
        pytest.skip(
            f"the ImageNet weights of {', '.join(missing)} are not here: docs/pretrained.md says how to get them"
        )
    found = answer("compare", *names, "hymenoptera_data", "--size", "256", "--split", "test")
    (pair,) = found["pairs"]
    print(pair["similarity"], pair["untrained"], pair["agreement"]["linear"]["n"])
    cka, shared = (pair["similarity"][name] for name in ("cka", "mutual_neighbours"))
    assert found["n"] == 153
    assert 0.55 < cka["value"] < 0.72 and 0.15 < cka["level"] < 0.25
    assert abs(pair["similarity"]["debiased_cka"]["level"]) < 0.02
    before = pair["untrained"]
    assert before["cka"]["above"] < cka["above"] and before["mutual_neighbours"]["above"] < shared["above"]
    assert before["mutual_neighbours"]["above"] > 0.1 and before["mutual_neighbours"]["p"] < 0.01
    assert pair["agreement"]["linear"]["better"] is None


def test_a_comparison_that_was_stopped_within_a_pair_has_no_result(answer, monkeypatch):
    from explorer.evaluation.comparison import calibration

    permuted = calibration.Prepared.permuted

    def stop(self, order):
        (run,) = runs.listing("compare")
        run.request_stop()
        return permuted(self, order)

    monkeypatch.setattr(calibration.Prepared, "permuted", stop)
    main(["compare", "pixels", "pca:5", "digits", *QUICK])
    (run,) = runs.listing("compare")
    assert run.scores() is None and run.status.state == "stopped"
