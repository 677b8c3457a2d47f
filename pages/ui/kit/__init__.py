"""Pieces that know no run: words, figures, pictures, forms, choices that stand in the address."""
