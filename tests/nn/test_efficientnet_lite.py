"""EfficientNet-Lite0: its size and the names of its parts are those of the published weights, its padding as there."""

import pytest
import torch

from explorer.nn.efficientnet_lite import EfficientNetLite0, SameConv2d


def test_its_parts_have_the_names_and_numbers_of_the_published_weights():
    with torch.device("meta"):
        network = EfficientNetLite0()
    assert sum(p.numel() for p in network.parameters()) == 4_652_008
    state = network.state_dict()
    assert len(state) == 296 and sum(tensor.numel() for tensor in state.values()) == 4_694_073
    assert state["_blocks.15._expand_conv.weight"].shape == (1152, 192, 1, 1)
    assert state["_blocks.15._bn2.bias"].shape == (320,) and state["_conv_head.weight"].shape == (1280, 320, 1, 1)
    assert "_blocks.0._expand_conv.weight" not in state and state["_fc.weight"].shape == (1000, 1280)


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [6, 7, 8])
def test_a_convolution_pads_as_tensorflow_does(kernel, stride, side):
    """Place (i, j) sums the window that begins at `stride * i - before`, where what is missing is halved downwards."""
    torch.manual_seed(0)
    layer, x = SameConv2d(1, 1, kernel, stride, bias=False), torch.rand(1, 1, side, side)
    places = -(-side // stride)
    missing = max((places - 1) * stride + kernel - side, 0)
    before, expected = missing // 2, torch.zeros(places, places)
    for i in range(places):
        for j in range(places):
            for a in range(kernel):
                for b in range(kernel):
                    row, column = stride * i - before + a, stride * j - before + b
                    if 0 <= row < side and 0 <= column < side:
                        expected[i, j] += layer.weight[0, 0, a, b].item() * x[0, 0, row, column]
    torch.testing.assert_close(layer(x)[0, 0], expected, atol=1e-5, rtol=1e-5)


def test_an_input_is_added_where_a_block_changes_no_shape():
    with torch.device("meta"):
        blocks = EfficientNetLite0()._blocks
    assert [at for at, block in enumerate(blocks) if block.residual] == [2, 4, 6, 7, 9, 10, 12, 13, 14]
