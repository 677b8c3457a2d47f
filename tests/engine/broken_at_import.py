"""A module that cannot be imported: what a broken installation looks like to the engine."""

raise RuntimeError("this processor lacks an instruction")
