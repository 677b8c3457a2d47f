"""Models by reference: a run, a shipped model, an untrained encoder, raw pixels, PCA."""
