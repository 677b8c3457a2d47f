"""EfficientNet-Lite0, Tan & Le 2019, arXiv:1905.11946, without squeeze-and-excitation and with ReLU6.

The names of its parts are those of the published PyTorch weights. Convolutions pad as TensorFlow does, `SAME`: where
that is uneven, the right and lower edge get one more.
"""

import torch.nn.functional as F
from torch import Tensor, nn

STAGES = (  # repeats, side of the convolution, stride, widening, width
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip
STEM, HEAD, DROPOUT = 32, 1280, 0.2


class SameConv2d(nn.Conv2d):
    """A convolution whose output has `ceil(side / stride)` places in a row."""

    def forward(self, x: Tensor) -> Tensor:
        """`[B, out, ceil(H / stride), ceil(W / stride)]`."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        missing = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in (x.shape[3], x.shape[2])]
        return super().forward(F.pad(x, [edge for n in missing for edge in (n // 2, n - n // 2)]))


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    """Widen, convolve each channel for itself, narrow; the input is added where it has the same shape."""

    def __init__(self, a: int, b: int, kernel: int, stride: int, widening: int) -> None:
        super().__init__()
        wide = a * widening
        self._expand_conv = SameConv2d(a, wide, 1, bias=False) if widening > 1 else None
        self._bn0 = _norm(wide) if widening > 1 else None
        self._depthwise_conv = SameConv2d(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv2d(wide, b, 1, bias=False)
        self._bn2 = _norm(b)
        self.residual = stride == 1 and a == b

    def forward(self, x: Tensor) -> Tensor:
        """`[B, b, ceil(H / stride), ceil(W / stride)]`."""
        wide = F.relu6(self._bn0(self._expand_conv(x))) if self._expand_conv is not None else x
        narrow = self._bn2(self._project_conv(F.relu6(self._bn1(self._depthwise_conv(wide)))))
        return narrow + x if self.residual else narrow


class EfficientNetLite0(nn.Module):
    """A classifier of images `[B, 3, 224, 224]`."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self._conv_stem = SameConv2d(3, STEM, 3, 2, bias=False)
        self._bn0 = _norm(STEM)
        self._blocks = nn.ModuleList()
        a = STEM
        for repeats, kernel, stride, widening, b in STAGES:
            for i in range(repeats):
                self._blocks.append(InvertedResidual(a, b, kernel, 1 if i else stride, widening))
                a = b
        self._conv_head = SameConv2d(a, HEAD, 1, bias=False)
        self._bn1 = _norm(HEAD)
        self._dropout = nn.Dropout(DROPOUT)
        self._fc = nn.Linear(HEAD, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes `[B, classes]`."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        x = F.relu6(self._bn1(self._conv_head(x)))
        return self._fc(self._dropout(x.mean((2, 3))))
