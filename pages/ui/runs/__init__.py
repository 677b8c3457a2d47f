"""One training and those related to it, as the pages show them."""
