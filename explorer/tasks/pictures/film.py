"""The film of a run's map: as an animated GIF, and as the data that a page of its own plays."""

import base64
import io
from typing import Any, NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import film
from explorer.runs import Run
from explorer.tasks.stories import replayed

SIDE, RADIUS, PACE = 480, 3, 200  # pixels of a picture and of a point; milliseconds of a frame
COLOURS = (
    (34, 130, 200), (230, 159, 0), (0, 158, 115), (204, 110, 165), (86, 180, 233),
    (213, 94, 0), (158, 130, 20), (128, 128, 132), (178, 70, 130), (108, 96, 200),
)  # fmt: skip


class Film(NamedTuple):
    """All maps of a run at one scale."""

    coords: dict[int, np.ndarray]  # [N, 2] in [0, 1] by step; the second grows upwards; strays lie outside
    y: np.ndarray  # [N]
    classes: tuple[str, ...]


def of(run: Run) -> Film:
    """The film of a run; raises `Refused` where it has no frames."""
    found: dict[int, dict[str, np.ndarray]] = {}
    for step in run.frames():
        found[step] = run.frame(step)
    if not found:
        raise Refused(f"{run.id} has no frames to show: train it again")
    y = found[max(found)]["y"].astype(int)
    same = {step: it["features"] for step, it in found.items() if np.array_equal(it["y"], y)}
    coords = film.coordinates(same, y)
    low, high = film.box(coords)
    source = replayed.source(run)
    classes = source.classes if source else tuple(f"class {i}" for i in range(int(y.max()) + 1))
    return Film({step: (each - low) / (high - low) for step, each in coords.items()}, y, classes)


def gif(run: Run) -> bytes:
    """The film as an animated GIF with its steps."""
    from PIL import Image, ImageDraw, ImageFont

    made, pictures = of(run), []
    font = ImageFont.load_default(15)
    for step, coords in made.coords.items():
        picture = Image.new("RGB", (SIDE, SIDE + 28), (253, 252, 250))
        draw = ImageDraw.Draw(picture)
        for (x, up), label in zip(coords * SIDE, made.y, strict=True):
            middle = (float(x), float(SIDE - up))
            draw.circle(middle, RADIUS, COLOURS[int(label) % len(COLOURS)])
        draw.rectangle((0, SIDE, SIDE, SIDE + 28), (243, 241, 236))
        draw.text((8, SIDE + 5), f"{run.title[:44]}   step {step:,}", (40, 40, 44), font)
        pictures.append(picture.quantize(64))
    file = io.BytesIO()
    pace = [PACE] * (len(pictures) - 1) + [6 * PACE]
    pictures[0].save(file, "gif", save_all=True, append_images=pictures[1:], duration=pace, loop=0)
    return file.getvalue()


def data(run: Run) -> dict[str, Any]:
    """The film for a page that plays it: numbers of two bytes, in base64."""
    made = of(run)
    scaled = {
        step: (np.clip(each, -0.5, 1.5) * 10_000).round().astype("<i2").tobytes() for step, each in made.coords.items()
    }
    return {
        "steps": list(scaled),
        "frames": [base64.b64encode(each).decode() for each in scaled.values()],
        "y": made.y.tolist(),
        "classes": list(made.classes),
        "colours": ["rgb({}, {}, {})".format(*each) for each in COLOURS],
    }
