"""The encoders and the methods that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.registry import Registry

if TYPE_CHECKING:
    from explorer.core.encoder import Encoder
    from explorer.core.method import Method

ENCODERS: Registry[type[Encoder]] = Registry("encoder", "explorer.nn")
METHODS: Registry[type[Method]] = Registry("method", "explorer.methods")
