"""What a story's zip holds, and how much of it is taken."""

import re

from explorer.tasks.stories.archive import Limits

FORMAT = 1
ABOUT, METRICS, SCORES, THUMBNAILS, README = (
    "story.json",
    "metrics.jsonl",
    "scores.json",
    "thumbnails.npz",
    "README.txt",
)
FRAME = re.compile(r"frames/(\d{6,9})\.npz")
NAMES = re.compile(rf"story\.json|metrics\.jsonl|scores\.json|thumbnails\.npz|README\.txt|{FRAME.pattern}")
FRAMES = 200
LARGEST = 256 * 2**20  # bytes of the zip
LIMITS = Limits(NAMES, FRAMES + 5, 64 * 2**20, 512 * 2**20)
# Of a frame; its arrays lie in it as they are.
ARRAYS = Limits(re.compile(r"[A-Za-z0-9][A-Za-z0-9_ .,()+-]{0,119}\.npy"), 64, 64 * 2**20, 64 * 2**20, packed=False)
WORDS = 600  # characters
SIDE = 64  # pixels: larger thumbnails are made smaller
IMAGES, DIMENSIONS = 5000, 65_536  # at most, of a frame
ROWS = 200_000  # of the curve
