"""Small pieces that methods are built from. Importing this package registers the encoders."""

from explorer.nn.encoders import Conv, Mlp, ResNet18, builder, multiply_adds
from explorer.nn.heads import mlp

__all__ = ["Conv", "Mlp", "ResNet18", "builder", "mlp", "multiply_adds"]
