"""A training as files that open anywhere: a film as GIF, a report as one HTML page without a network."""
