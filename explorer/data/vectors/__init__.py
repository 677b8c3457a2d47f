"""Finished vectors from elsewhere: files that are read, splits that are cut, and the folder in which they are kept."""
