"""What is said of several models together, and what is refused or noted."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation.comparison import summary as module
from explorer.evaluation.comparison.calibration import Interrupted
from explorer.evaluation.comparison.summary import Images, Member, Options, summary
from tests.evaluation.comparison.clouds import clusters, copied, shuffled

OPTIONS = Options(neighbours=5, permutations=20)
CLASSES = tuple("abcde")


def images(y):
    return Images(np.arange(1000, 1000 + len(y)), np.full(len(y), "test"), y, CLASSES)


def member(ref, x, untrained=None, **predicted):
    return Member(ref, x, untrained, predicted)


def test_a_rotated_copy_is_a_right_zero_everywhere():
    x, y = clusters()
    found, arrays = summary([member("a", x, knn=y), member("b", copied(x), knn=y)], images(y), OPTIONS)
    (pair,) = found["pairs"]
    assert pair["change"]["value"] == 0 and all((arrays[name] == 0).all() for name in ("neighbours", "moved_alone"))
    assert all(each["value"] == pytest.approx(1) for each in pair["similarity"].values())
    assert pair["agreement"]["knn"]["better"] is None and pair["agreement"]["knn"]["difference"] == 0
    assert pair["untrained"] is None and found["notes"] == []


@pytest.mark.parametrize("seed", range(3))
def test_a_copy_far_from_the_origin_is_zero_up_to_the_rounding_of_single_precision(seed):
    x = np.random.default_rng(seed).normal(size=(300, 16)) * np.r_[10, np.ones(15)]
    y, twin = np.zeros(300, int), copied(x, seed, scale=1, shift=20)
    (pair,) = summary([member("a", x.astype(np.float32)), member("b", twin)], images(y), OPTIONS)[0]["pairs"]
    assert pair["change"]["value"] < 2e-3


def test_images_are_named_by_their_rows_and_those_that_changed_most_come_first():
    x, y = clusters()
    swapped = np.flatnonzero((y == 0) | (y == 2))
    wrong = y.copy()
    wrong[[3, 5]] = 4
    models = [member("a", x, knn=y), member("b", shuffled(x, swapped), knn=wrong)]
    found, arrays = summary(models, images(y), OPTIONS)
    (pair,) = found["pairs"]
    assert {each["class"] for each in pair["most_changed"]} == {"a", "c"}
    assert {each["row"] for each in pair["most_changed"]} <= set(1000 + swapped)
    assert [each["class"] for each in pair["by_class"]][:2] in (["a", "c"], ["c", "a"])
    assert pair["agreement"]["knn"]["rows"]["first"] == [1003, 1005] and pair["agreement"]["knn"]["n"]["both"] == 148
    assert found["models"][1]["probes"]["knn"]["confusion"][0] == [28, 0, 0, 0, 2]
    assert arrays["neighbours"].shape == (1, 150) and arrays["predicted_knn"][1].tolist() == wrong.tolist()


def test_images_of_classes_that_no_probe_knows_are_not_judged():
    x, y = clusters()
    guessed = np.minimum(y, 2)
    asked = images(y)._replace(judged=y < 3)
    found, arrays = summary([member("a", x, knn=guessed), member("b", copied(x), knn=guessed)], asked, OPTIONS)
    assert found["models"][0]["probes"]["knn"]["accuracy"] == 1 and found["pairs"][0]["agreement"]["knn"]["n"] == {
        "both": 90, "first": 0, "second": 0, "none": 0
    }  # fmt: skip
    assert arrays["predicted_knn"].shape == (2, 150)


def test_before_training_each_is_its_untrained_network_and_trained_features_never_stand_for_it():
    x, y = clusters()
    noise = [np.random.default_rng(i).normal(size=x.shape) for i in range(3)]
    models = [member("a", noise[0], x), member("b", noise[1], copied(x)), member("c", noise[2]),
              member("d", noise[0], noise[0])]  # fmt: skip
    found, _ = summary(models, images(y), OPTIONS)
    ab, ac, ad, _, _, _ = found["pairs"]
    assert (ab["first"], ab["second"], ac["second"]) == ("a", "b", "c")
    assert ab["similarity"]["cka"]["value"] < 0.5 and ab["untrained"]["cka"]["value"] == pytest.approx(1)
    assert ac["untrained"] is None, "nobody knows what c was"
    assert ad["untrained"]["cka"]["value"] < 0.5, "nothing trains in d"


def test_one_network_before_training_is_said_to_be_one():
    x, y = clusters()
    models = [member("a", x, x), member("b", -x[:, ::-1], x.copy())]
    assert summary(models, images(y), OPTIONS)[0]["notes"] == [
        "a and b began as the same network: before training there is no difference"
    ]


def test_a_model_named_twice_and_constant_features_are_noted():
    x, y = clusters()
    found, _ = summary([member("a", x), member("a", x), member("b", np.ones((150, 3)))], images(y), OPTIONS)
    assert "a is named more than once: there is no difference to be found" in found["notes"]
    assert any("all images have the same features in b, which has collapsed" in note for note in found["notes"])
    assert found["pairs"][0]["change"]["value"] == 0 and found["pairs"][1]["similarity"]["cka"]["value"] == 0


def test_too_few_images_and_features_that_are_no_numbers_are_refused():
    x, y = clusters()
    with pytest.raises(Refused, match="150 images are too few for the 149 nearest neighbours of each: take fewer"):
        summary([member("a", x), member("b", x)], images(y), Options(neighbours=149))
    broken = x.copy()
    broken[4, 0] = np.nan
    with pytest.raises(Refused, match="the features of 1 of 150 images are not finite in b: train it"):
        summary([member("a", x), member("b", broken)], images(y), OPTIONS)


def three():
    x, y = clusters()
    return [member(name, x * place, x + place) for place, name in enumerate("abc", 1)], images(y)


@pytest.mark.parametrize("at", [1, 25, 45])
def test_a_stop_is_obeyed_before_the_next_permutation(at):
    asked = []

    def stops():
        asked.append(1)
        return len(asked) == at

    with pytest.raises(Interrupted):
        summary(*three(), OPTIONS, stops=stops)
    assert len(asked) == at, "of now and before training"


def test_a_stop_is_obeyed_between_two_pairs():
    heard = []
    with pytest.raises(Interrupted):
        summary(*three(), OPTIONS, lambda text: heard.append(text) or len(heard) == 2)
    assert heard == ["comparing a with b", "comparing a with c"]


def test_a_network_before_training_is_prepared_once_for_all_its_pairs(monkeypatch):
    made, prepared = [], module.prepared
    monkeypatch.setattr(module, "prepared", lambda *of: made.append(1) or prepared(*of))
    summary(*three(), OPTIONS)
    assert len(made) == 6, "three models, now and before"
