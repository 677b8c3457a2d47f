"""Small pieces that methods are built from. Importing this package registers the encoders."""

from explorer.nn.augmentation_config import SIGMA, Cropped, Distorted
from explorer.nn.decoders import Decoder, Painter
from explorer.nn.decoding import Additive, Decoding, pixel_floor
from explorer.nn.ema import ema_update, teacher_of
from explorer.nn.encoders import Conv, Mlp, ResNet18, Vit, builder, multiply_adds
from explorer.nn.heads import mlp
from explorer.nn.norms import layer_normed, recalibrate_batch_norm, share_norms, unremembered
from explorer.nn.permutations import far_apart
from explorer.nn.pretext import ChannelWise, Filler, Tiled, disguised, encode_parts, guess, hole_error, see_whole
from explorer.nn.samples import flat_sample, too_few, too_many

__all__ = [
    "SIGMA",
    "Additive",
    "ChannelWise",
    "Conv",
    "Cropped",
    "Decoder",
    "Decoding",
    "Distorted",
    "Filler",
    "Mlp",
    "Painter",
    "ResNet18",
    "Tiled",
    "Vit",
    "builder",
    "disguised",
    "ema_update",
    "encode_parts",
    "far_apart",
    "flat_sample",
    "guess",
    "hole_error",
    "layer_normed",
    "mlp",
    "multiply_adds",
    "pixel_floor",
    "recalibrate_batch_norm",
    "see_whole",
    "share_norms",
    "teacher_of",
    "too_few",
    "too_many",
    "unremembered",
]
