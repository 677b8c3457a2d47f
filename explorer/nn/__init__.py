"""Small pieces that methods are built from. Importing this package registers the encoders."""

from explorer.nn.decoders import Decoder, Painter
from explorer.nn.encoders import Conv, Mlp, ResNet18, Vit, builder, multiply_adds
from explorer.nn.heads import mlp
from explorer.nn.norms import layer_normed, share_norms
from explorer.nn.teacher import follow, teacher_of

__all__ = [
    "Conv",
    "Decoder",
    "Mlp",
    "Painter",
    "ResNet18",
    "Vit",
    "builder",
    "follow",
    "layer_normed",
    "mlp",
    "multiply_adds",
    "share_norms",
    "teacher_of",
]
