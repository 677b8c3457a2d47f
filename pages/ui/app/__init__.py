"""The frame around every page, and what the server answers besides pages."""
