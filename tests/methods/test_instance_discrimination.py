"""Instance discrimination: a bank that remembers each training image."""

import torch
from torch import nn

from explorer.core import generator
from tests.methods.contrastive_cases import made


def test_the_bank_remembers_what_was_seen_and_nothing_else(batch):
    method = made("instance_discrimination", memory=0.5)
    before = method.bank.clone()
    out = method.loss(**method.views(batch, generator(1)))
    method.after_step(out, batch, 0.0)
    seen = torch.zeros(64, dtype=torch.bool)
    seen[batch.index] = True
    assert torch.equal(method.bank[~seen], before[~seen])
    mixed = 0.5 * before[seen] + 0.5 * out["keys"][batch.index.argsort()]
    torch.testing.assert_close(method.bank[seen], nn.functional.normalize(mixed, dim=1))


def test_a_held_out_image_has_no_place_in_the_bank(batch):
    method = made("instance_discrimination").eval()
    far = batch._replace(index=batch.index + 1000)
    assert method.loss(**method.views(far, generator(1)))["loss"].isfinite()
