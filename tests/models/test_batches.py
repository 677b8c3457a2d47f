"""The one loop that brings images through a network."""

import numpy as np
import torch

from explorer.models.batches import in_batches


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
