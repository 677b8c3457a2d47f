"""Data that are hard to transfer to: a clear sentence, or a right result with a note."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import Refused
from explorer.data import DataSet, Images
from explorer.evaluation.arms import TransferConfig
from explorer.evaluation.transfer import transfer
from explorer.evaluation.transfer_notes import notes
from tests.evaluation.arm_cases import foreign


def drawn(counts, size=12, channels=3, seed=0):
    """A data set whose class is its brightness, with so many images of each class in (train, validation, test)."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    splits = {}
    for at, split in enumerate(("train", "validation", "test")):
        y = np.repeat(np.arange(len(counts)), [each[at] for each in counts])
        level = 20 + 200 * y[:, None, None, None] // max(1, len(counts) - 1)
        x = (level + rng.integers(0, 20, (len(y), channels, size, size))).astype(np.uint8)
        splits[split] = Images(x, y, {})
    classes = tuple(f"c{n}" for n in range(len(counts)))
    return DataSet("drawn", "Drawn", "image", (channels, size, size), classes, "hash", "source", splits=splits)


def moved(dataset, **options):
    """The last rows of the arms, and the notes."""
    cfg = TransferConfig.read({"epochs": 3, "arms": ("frozen", "finetune", "lora"), **options}, "transfer")
    model = foreign()
    rows = [row for row in transfer(model, dataset, cfg) if "test_accuracy" in row]
    return rows, notes(dataset, model.spec.shape, cfg, rows)


def test_without_anything_to_say_nothing_is_said():
    rows, said = moved(drawn([(20, 5, 9)] * 3), batch=8)
    assert said == [] and len(rows) == 3


def test_a_class_with_one_image_is_learned_from_it():
    rows, said = moved(drawn([(20, 5, 9), (1, 5, 9)]), batch=8)
    assert [row["n_train"] for row in rows] == [11] * 3
    assert said == ["One training image of c1."]


def test_a_class_without_training_images_counts_as_mistakes():
    rows, said = moved(drawn([(20, 5, 9), (20, 5, 9), (0, 5, 9)]), batch=8)
    assert all(row["test_accuracy"] <= 2 / 3 and len(row["predicted"]) == 27 for row in rows)
    assert said == ["No training image of c2: no variant can name it, and its 9 test images count as mistakes."]


def test_a_class_that_is_nowhere_is_no_matter():
    rows, said = moved(drawn([(20, 5, 9), (20, 5, 9), (0, 0, 0)]), batch=8, epochs=20)
    assert said == [] and all(row["test_accuracy"] > 0.8 for row in rows)


def test_a_class_without_test_images_is_not_measured():
    said = moved(drawn([(20, 5, 9), (20, 5, 9), (20, 5, 0)]), batch=8)[1]
    assert said == ["No test image of c2: how it is named is not measured."]


@pytest.mark.parametrize("counts", [[(20, 5, 9)], [(20, 5, 9), (0, 5, 9)]])
def test_one_class_is_nothing_to_tell_apart(counts):
    with pytest.raises(Refused, match=r"training images of one class only \(c0\): choose a data set with at least two"):
        moved(drawn(counts))


def test_no_test_images_are_refused():
    with pytest.raises(Refused, match="no test images"):
        moved(drawn([(20, 5, 0), (20, 5, 0)]))


def test_grey_images_are_given_to_a_network_for_colour():
    rows, said = moved(drawn([(20, 5, 9)] * 2, channels=1), batch=8)
    assert said == ["The grey images are given to the network as three equal colours."]
    assert all(row["test_accuracy"] > 0.3 for row in rows)


def test_grey_images_are_augmented_in_colour_for_such_a_network():
    rows, said = moved(drawn([(20, 5, 9)] * 2, channels=1), batch=8, augment=True, draws=2)
    assert len(rows) == 3 and any("2 augmented draws of each image are stored" in text for text in said)


@pytest.mark.parametrize("augment", [False, True])
def test_images_of_8_pixels_are_enlarged(augment):
    said = moved(drawn([(20, 5, 9)] * 2, size=8), batch=8, augment=augment)[1]
    assert "Images of 8x8 pixels are enlarged to the network's 12x12." in said


def test_a_target_smaller_than_a_batch_is_one_step():
    rows, said = moved(drawn([(3, 2, 9)] * 2), batch=64, labels=("all",))
    assert [row["n_train"] for row in rows] == [6] * 3
    assert said == ["6 labelled images are fewer than a batch of 64: each epoch is then a single step."]


def test_fewer_images_than_were_asked_for_are_all_used():
    said = moved(drawn([(20, 5, 9), (4, 5, 9)]), batch=8, labels_per_class=7)[1]
    assert said == ["c1: fewer than 7 training images (4), and all of them are used."]


def test_a_thousand_classes():
    rows, _ = moved(drawn([(2, 1, 1)] * 1000, size=8), epochs=1, labels=("all",), batch=500)
    assert all(len(row["predicted"]) == 1000 and row["n_train"] == 2000 for row in rows)
    assert rows[0]["trainable"] == 13 * 1000


def test_an_infinite_loss_ends_the_training_with_a_note():
    dataset = drawn([(20, 5, 9)] * 2)
    model = foreign()
    model.module.stem[0].weight.data.fill_(float("nan"))
    cfg = TransferConfig(arms=("finetune",), epochs=5)
    rows = list(transfer(model, dataset, cfg))
    assert len(rows) == 2 and rows[0]["train_loss"] is None and rows[1]["diverged"]
    assert np.isfinite(rows[1]["confidence"]).all()
    said = notes(dataset, (3, 12, 12), cfg, rows[1:])
    assert any("the loss became infinite with a learning rate of 0.01; choose a smaller one" in text for text in said)


def test_without_validation_images_the_curve_is_empty():
    rows = list(transfer(foreign(), drawn([(20, 0, 9)] * 2), TransferConfig(epochs=1)))
    assert rows[0]["val_accuracy"] is None and rows[1]["test_accuracy"] >= 0


def test_without_validation_images_the_last_epoch_is_kept():
    cfg = TransferConfig(epochs=3, keep="best", arms=("finetune",))
    assert list(transfer(foreign(), drawn([(20, 0, 9)] * 2), cfg))[-1]["kept_epoch"] == 3


def test_photographs_that_are_not_square_are_none_of_its_business():
    dataset = drawn([(20, 5, 9)] * 2)
    wide = {split: images._replace(x=np.repeat(images.x, 2, 3)) for split, images in dataset.splits.items()}
    rows, _ = moved(replace(dataset, shape=(3, 12, 24), splits=wide), augment=True)
    assert len(rows) == 3
