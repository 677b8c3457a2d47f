"""One training and its kin, as the pages show them."""
