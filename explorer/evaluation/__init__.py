"""Every number that a page shows: probes, health, projections, latents, transfer."""
