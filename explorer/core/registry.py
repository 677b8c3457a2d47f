"""The registries of encoders and methods: what is entered here stands in the form, the command line and the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import Registry

if TYPE_CHECKING:
    from explorer.core.encoder import Encoder
    from explorer.core.method import Method

ENCODERS: Registry[type[Encoder]] = Registry("encoder", "explorer.nn")
METHODS: Registry[type[Method]] = Registry("method", "explorer.methods")
