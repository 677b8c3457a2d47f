"""Real training for the test that kills it, without scores; a checkpoint at every step, so that kills hit saves."""

from explorer.jobs import training


def perform(run):
    training.KEEP = 0.0
    training.score = lambda *_: None
    training.frame_steps = lambda steps, per_epoch: {0, *range(per_epoch, steps + 1, per_epoch)}
    training.train(run)
