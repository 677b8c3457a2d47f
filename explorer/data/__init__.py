"""Data sets: what there is, decoded once into a cache, whole splits as numpy arrays.

Importing this is cheap: neither torch nor scikit-learn comes with it.
"""

from explorer.data.cache import check_size, fingerprint, load, ready
from explorer.data.cards import card
from explorer.data.copies import duplicates
from explorer.data.dataset import DataSet, Images, LeftOut
from explorer.data.entries import Entry, catalogue
from explorer.data.fetch import download
from explorer.data.modalities import DISPLAYS, caption, thumbnails
from explorer.data.places import root
from explorer.data.registry import Embedded, register
from explorer.system.folders import cache_root

__all__ = [
    "DISPLAYS",
    "DataSet",
    "Embedded",
    "Entry",
    "Images",
    "LeftOut",
    "cache_root",
    "caption",
    "card",
    "catalogue",
    "check_size",
    "download",
    "duplicates",
    "fingerprint",
    "load",
    "ready",
    "register",
    "root",
    "thumbnails",
]
