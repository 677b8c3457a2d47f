"""Real training for the test that kills it, without scores; a checkpoint at every step, so that kills hit saves."""

from explorer.tasks.training import driver, loop


def perform(run):
    loop.KEEP = 0.0
    driver.score = lambda *_: None
    loop.frame_steps = lambda steps, per_epoch: {0, *range(per_epoch, steps + 1, per_epoch)}
    driver.train(run)
