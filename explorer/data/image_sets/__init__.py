"""Sets of pictures that somebody has brought: read, kept under content hashes, with an owner and a quota."""
