"""Archives that were exported before import `digest` from here; it lives in `explorer.tasks.export`.

Their scripts also call `models.device`, `models.fresh` and `models.pack`, which have homes of their own now.
"""

from explorer import models
from explorer.models import build, devices, weights
from explorer.tasks.export import digest

models.device, models.fresh, models.pack = devices.device, build.fresh, weights.pack

__all__ = ["digest"]
