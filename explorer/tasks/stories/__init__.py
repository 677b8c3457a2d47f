"""A story: a finished training as one zip, which another installation replays without training."""
