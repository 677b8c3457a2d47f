"""The one loop that brings images through a network."""

import numpy as np
import pytest
import torch

from explorer.models.batches import BATCH, batch_size, in_batches, pass_size


def test_batches_cover_every_image_once_and_in_order():
    sizes = []

    def double(part):
        assert torch.is_inference_mode_enabled()
        sizes.append(len(part))
        return torch.from_numpy(part * 2).half()

    x = np.arange(7.0)[:, None]
    out = in_batches(double, x, 3)
    assert sizes == [3, 3, 1]
    assert out.dtype == np.float32
    assert (out == 2 * x).all()


def test_answers_that_are_whole_numbers_stay_whole():
    assert in_batches(lambda part: torch.from_numpy(part).argmax(1), np.eye(5), 2).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("side", "images"), [(8, 500), (28, 41), (32, 32), (64, 8), (224, 4), (299, 4)])
def test_on_a_processor_few_images_pass_at_once_and_on_a_gpu_as_many_as_fit(side, images):
    assert pass_size(side, torch.device("cpu")) == images
    assert pass_size(side, torch.device("cuda")) == batch_size(side) <= BATCH
