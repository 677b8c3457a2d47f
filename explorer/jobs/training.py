"""Archives that were exported before import `split_of` from here; it lives in `explorer.models.devices`."""

from explorer.models.devices import split_of

__all__ = ["split_of"]
