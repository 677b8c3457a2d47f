"""What several tests of methods share."""

import pytest
import torch

from explorer.core import Batch, generator
from tests.methods.contrastive_cases import B


@pytest.fixture
def batch():
    x = torch.rand(B, 3, 16, 16, generator=generator(0))
    return Batch(x, torch.arange(B) % 2, torch.arange(B) * 5)
