"""Only for what was handed out before: archives and commands that name this package. Everything lives elsewhere now."""
