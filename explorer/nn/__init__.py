"""Small pieces that methods are built from. Importing this package registers the encoders."""

from explorer.nn.encoders import Conv, Mlp, ResNet18, builder, multiply_adds
from explorer.nn.heads import mlp
from explorer.nn.norms import share_norms
from explorer.nn.teacher import follow, teacher_of

__all__ = ["Conv", "Mlp", "ResNet18", "builder", "follow", "mlp", "multiply_adds", "share_norms", "teacher_of"]
