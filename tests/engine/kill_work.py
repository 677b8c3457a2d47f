"""Real training for the test that kills it, without scores; a checkpoint at every step, so that kills hit saves."""

from explorer.tasks.training import task


def perform(run):
    task.KEEP = 0.0
    task.score = lambda *_: None
    task.frame_steps = lambda steps, per_epoch: {0, *range(per_epoch, steps + 1, per_epoch)}
    task.train(run)
