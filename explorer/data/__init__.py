"""Data sets: what there is, decoded once into a `uint8` cache, whole splits as numpy arrays.

Importing this is cheap: neither torch nor scikit-learn comes with it.
"""

from explorer.data.cards import card
from explorer.data.dataset import DataSet, Images, LeftOut, duplicates
from explorer.data.entries import Entry, catalogue
from explorer.data.fetch import download
from explorer.data.loading import fingerprint, load
from explorer.data.places import cache_root, root

__all__ = [
    "DataSet",
    "Entry",
    "Images",
    "LeftOut",
    "cache_root",
    "card",
    "catalogue",
    "download",
    "duplicates",
    "fingerprint",
    "load",
    "root",
]
