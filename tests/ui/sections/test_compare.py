"""The page Compare: whatever models, data and address, there is a comparison, a right zero, or a sentence."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, engine, runs
from explorer.__main__ import main
from explorer.runs import Spec
from explorer.tasks import compare_result, request
from explorer.tasks.finished_vectors import import_vectors
from pages.ui.kit import url_state, visibility
from pages.ui.sections import compare_table
from tests import screen_text

QUICK = {"n": 60, "permutations": 20, "labels": 300, "neighbours": 5}


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """Nothing is computed elsewhere, and there are no other pages."""
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    links = []
    monkeypatch.setattr(url_state, "link", lambda *words, **query: links.append(query))
    return links


def computed(*refs, dataset="digits", **options):
    """A comparison that is done, with few images."""
    words = [f"--{name}={value}" for name, value in {**QUICK, **options}.items()]
    assert main(["compare", *refs, dataset, *words]) == 0


def opened(**query):
    """The page as it stands after its first run."""
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/compare.py", default_timeout=120)
    quick = {f"compare.{name}": str(value) for name, value in QUICK.items()}
    at.query_params.update({"data": "digits", "maps": "pca", **quick, **query})
    at.run()
    assert not at.exception, at.exception
    return at


def said(at):
    every = [*at.markdown, *at.caption, *at.error, *at.info, *at.warning, *at.title, *at.header]
    return screen_text.unlinked("\n".join(str(it.value) for it in every)).replace("\\", "")


def test_two_models_that_nobody_has_compared_stand_as_maps_with_a_button(no_engine):
    at = opened()
    assert at.selectbox(key="model").value == "digits-simclr"
    assert at.selectbox(key="second").value == "digits-autoencoder", "another family, unless it is chosen"
    assert any(button.label.startswith("Compare two models") for button in at.button)
    assert "laid on A by Procrustes" in said(at) and "Images whose neighbours changed most" not in said(at)
    next(it for it in at.button if it.key == "start-compare").click().run()
    assert not at.exception
    (run,) = runs.listing("compare")
    assert run.spec.models == ("digits-simclr", "digits-autoencoder") and run.spec.params["n"] == 60


def test_a_comparison_that_is_there_is_found_again_with_all_its_parts():
    computed("digits-simclr", "digits-autoencoder")
    at = opened(model="digits-simclr", second="digits-autoencoder")
    text = said(at)
    for words in ("A and B disagree on", "Images whose neighbours changed most", "Who is right where", "How alike they",
                  "What they are, side by side", "A thinks", "McNemar's exact test", "beyond chance"):  # fmt: skip
        assert words in text
    assert not any(button.key == "start-compare" for button in at.button)
    assert not at.error


def test_the_same_model_twice_is_a_right_zero_and_said():
    computed("pca:5", "pca:5")
    text = said(opened(model="pca:5", second="pca:5"))
    assert "A and B give every image the same neighbours" in text
    assert "No image has changed" in text and "no difference" in text
    assert "pca:5 is named more than once: there is no difference to be found" in text.lower()
    assert "all models have the same values everywhere" in text


def test_four_models_have_six_pairs_and_the_address_chooses_one():
    computed("pixels", "pca:5", "pca:2", "untrained:mlp")
    at = opened(model="pixels", second="pca:5", third="pca:2", fourth="untrained:mlp", pair="B-D")
    assert [it.value for it in at.segmented_control if it.key == "pair"] == ["B-D"]
    assert "B and D disagree on" in said(at)
    assert "Trained" not in said(at)


def test_unknown_models_in_the_address_are_named_and_others_are_shown():
    at = opened(model="digits-simclr", second="nobody", third="nothing-either", view="sideways", rank="x")
    text = said(at)
    assert at.selectbox(key="second").value == "digits-autoencoder"
    assert len(at.selectbox) >= 4 and not at.error
    assert "laid on A" in text


def test_the_last_rows_of_an_address_do_not_name_a_fifth_model():
    at = opened(model="pixels", second="pca", third="pca:2", fourth="pca:3", fifth="pca:4")
    assert {it.key for it in at.selectbox} >= {"model", "second", "third", "fourth"}
    assert not any(it.key == "fifth" for it in at.selectbox) and not at.error


def test_a_third_model_is_asked_for_only_where_it_is_wanted():
    assert not any(it.key == "fourth" for it in opened().selectbox)
    at = opened(third="pixels")
    assert at.selectbox(key="fourth").value == "" and "C** · Raw pixels" in said(at)


def test_a_fourth_model_is_forgotten_with_the_third():
    at = opened(third="pixels", fourth="pca:2")
    assert at.selectbox(key="fourth").value == "pca:2"
    at.selectbox(key="third").set_value("").run()
    assert not at.exception and "fourth" not in at.query_params
    at.selectbox(key="third").set_value("pixels").run()
    assert at.selectbox(key="fourth").value == ""


@pytest.fixture
def vectors(tmp_path):
    def put(name, x, y=None):
        np.save(tmp_path / f"{name}.npy", x)
        if y is not None:
            np.savetxt(tmp_path / f"{name}.csv", y, fmt="%d", header="label", comments="")
        import_vectors(tmp_path / f"{name}.npy", None if y is None else tmp_path / f"{name}.csv", name=name)

    return put


def test_two_sets_of_vectors_stand_side_by_side_by_their_common_rows(vectors):
    rng, y = np.random.default_rng(0), np.arange(90) % 3
    x = rng.normal(size=(90, 5)) + 4 * np.eye(5)[y]
    vectors("mine", x, y)
    vectors("theirs", x[:, ::-1] * 3, y)
    computed("mine", "theirs", dataset="mine")
    at = opened(data="mine", model="mine", second="theirs")
    text = said(at)
    assert "90 of the 90 rows of mine are rows of theirs" in text and not at.error
    assert "Left between them: B 0% of the variance" in text or "Left between them: B <1% of the variance" in text


def test_one_class_has_no_right_and_wrong_and_constant_features_are_said(vectors):
    vectors("flat", np.ones((40, 3)) * np.arange(3))
    vectors("loose", np.random.default_rng(0).normal(size=(40, 3)))
    computed("loose", "flat", dataset="loose", n=40)
    text = said(opened(data="loose", model="loose", second="flat", **{"compare.n": "40"}))
    assert "there is one class only, so nobody is right or wrong" in text.lower()
    computed("loose", "flat", dataset="loose")
    text = said(opened(data="loose", model="loose", second="flat"))
    assert "all images have the same features in flat" in text.lower()
    assert "the representation has collapsed" in text and "A** · loose" in text, "the other map stands"


def test_vectors_with_nothing_in_common_are_refused_in_a_sentence(vectors):
    rng = np.random.default_rng(0)
    vectors("mine", rng.normal(size=(40, 3)))
    vectors("theirs", rng.normal(size=(50, 3)))
    at = opened(data="mine", model="mine", second="theirs")
    assert "theirs has vectors of its own rows alone, not of mine" in said(at).lower()
    assert "theirs" not in opened(data="mine", model="mine").selectbox(key="second").options


def test_a_comparison_of_other_images_is_not_shown(monkeypatch):
    computed("pixels", "pca:5")
    monkeypatch.setattr(compare_result.CompareResult, "is_of", lambda *_: False)
    at = opened(model="pixels", second="pca:5")
    assert "Images whose neighbours changed most" not in said(at)


def test_the_report_card_and_all_models_are_views_of_the_page():
    at = opened(view="card")
    assert any(button.key == "start-report" for button in at.button)
    assert main(["report", "digits-simclr", "digits", "--n", "100", "--labels", "200"]) == 0
    at = opened(view="card", **{"report.n": "100", "report.labels": "200"})
    assert "Downstream use" in said(at) and "What single dimensions answer to" in said(at) and not at.error
    at = opened(view="all", group="method")
    assert "Digits, SimCLR has the highest kNN accuracy" in said(at) and not at.error
    assert "4 rows of 4 trainings" in said(at)


def test_nothing_of_a_set_that_somebody_else_keeps_is_listed(no_engine, monkeypatch):
    computed("digits-simclr", "pca:5")
    computed("digits-simclr", "garments-simclr@0")
    trained_on, chosen = "trained-on", {"view": "all", "trained-on": "all data"}
    assert "Garments" in str(opened(**chosen).selectbox(key=trained_on).options)
    monkeypatch.setattr(visibility, "sees", lambda name: name != "garments")
    at = opened(**chosen)
    assert "Garments" not in str(at.selectbox(key=trained_on).options) and not at.error
    no_engine.clear()
    opened(model="pixels", second="pca:3")
    assert [it["second"] for it in no_engine if "second" in it] == ["pca:5"]


def of_title(title, knn, **settings):
    train = {"epochs": 2, "seed": 0, **settings}
    run = runs.create(Spec(kind="train", title=title, dataset="digits", method="autoencoder", train=train))
    run.write_scores({"knn": knn, "n_train": 100, "n_test": 359})
    run.update(state="done")


def test_models_of_one_title_are_distinguished_and_only_one_question_is_ranked():
    for lr in (0.1, 0.2):
        of_title("Mine", 0.97 + lr / 10, lr=lr)
    of_title("Easy", 1.0, classes=["0", "1"])
    at = opened(view="all")
    names = list(at.dataframe[0].value["model"])
    mine = [name for name in names if name.startswith("Mine")]
    assert len(mine) == 2 and mine[0] != mine[1] and "0.2" in mine[0] and "Easy" not in names
    text = said(at)
    assert "Not told apart from the best: Mine" in text and "of them not told apart from it" in text
    assert "Easy" in list(opened(view="all", **{"trained-on": "digits · 0 · 1"}).dataframe[0].value["model"])
    at = opened(view="all", **{"trained-on": "all data"})
    assert "cannot be ranked" in said(at) and not at.get("plotly_chart")


def test_losses_of_several_methods_have_axes_of_their_own_and_no_curve_leaves_its_data():
    some = {name: runs.find(name) for name in ("digits-simclr", "digits-autoencoder", "garments-simclr")}
    names = [list(group) for group in compare_table.together(some, "val_loss")]
    assert names == [["digits-simclr"], ["digits-autoencoder"], ["garments-simclr"]]
    names = [list(group) for group in compare_table.together(some, "knn")]
    assert names == [["digits-simclr", "digits-autoencoder"], ["garments-simclr"]]


def test_a_filter_that_nothing_fits_is_a_sentence():
    at = opened(view="all", **{"name-contains": "zebra"})
    assert "No model fits" in said(at) and not at.error


# ------------------------------------------------------------------------------------------------ the stored result


def read(*refs):
    computed(*refs)
    return compare_result.read(runs.find(runs.address(request.request("compare", list(refs), "digits", **QUICK))))


def test_images_are_ranked_by_what_changed_and_by_class():
    found = read("digits-simclr", "digits-autoencoder")
    for by, (first, _) in compare_result.RANKED.items():
        values = found.arrays[first][0][found.ranked(0, by)]
        assert (np.diff(values) <= 0).all() and len(values) == 60
    assert set(found.y[found.ranked(0, "moved", 3)]) == {3}
    assert found.is_of(data.load("digits"))


def test_the_cells_of_agreement_and_confusion_are_the_numbers_of_the_command_line():
    found = read("digits-simclr", "digits-autoencoder")
    for probe in found.probes():
        cells = found.agreement(probe, 0)
        assert {name: len(at) for name, at in cells.items()} == found.scores["pairs"][0]["agreement"][probe]["n"]
        table = np.array(found.scores["models"][1]["probes"][probe]["confusion"])
        for row, column in ((8, 8), (1, 8), (8, 1)):
            assert len(found.in_confusion(probe, 1, row, column)) == table[row, column]


def test_what_each_image_adds_makes_the_whole_similarity():
    found = read("digits-simclr", "digits-autoencoder")
    alike = found.scores["pairs"][0]["similarity"]
    for name in ("cka", "debiased_cka"):
        assert found.arrays[f"of_{name}"][0].sum() == pytest.approx(alike[name]["value"])
    assert found.arrays["of_mutual_neighbours"][0].mean() == pytest.approx(alike["mutual_neighbours"]["value"])
    order = found.most_alike("cka", 0)
    assert (np.diff(found.arrays["of_cka"][0][order]) <= 0).all()
    assert len(order) == 60
