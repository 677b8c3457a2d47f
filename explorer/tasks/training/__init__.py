"""A training as a job."""
