"""A small lesson that is allowed, to be broken in one place."""

from explorer.lessons import yaml_text
from explorer.lessons.catalogue import lesson_of

GOOD = """\
title: A small lesson
question: Is it allowed?
about: One sentence.
minutes: 5
needs: {data: [digits], models: [digits-simclr]}
steps:
  - text: Look at the map.
    show: {picture: unfolding, model: digits-simclr}
  - text: Guess.
    predict:
      question: Which is better?
      answers: [PCA, linear, no difference]
    reveal:
      rule: compare
      first: {study: linear-pca, data: fashion_mnist, arm: PCA 8, number: mse}
      second: {study: linear-pca, data: fashion_mnist, arm: linear autoencoder 8, number: mse}
      better: lower
      at_least: 0.0005
      answers: {first: PCA, second: linear, neither: no difference}
  - text: Start it.
    start:
      job: training
      method: autoencoder
      data: digits
      settings: {latent: 4, epochs: 2, lr: 1e-3}
      change: [latent]
    predict:
      question: Better than before?
      answers: [before, after, neither]
    reveal:
      rule: compare
      first: {run: own, baseline: Untrained}
      second: {run: own}
      answers: {first: before, second: after, neither: neither}
    link: {page: embeddings, address: {model: digits-simclr}, hide: [controls]}
"""


def checked(text: str, name: str = "small.yaml"):
    """The lesson that a text describes, with all checks."""
    return lesson_of(yaml_text.parsed(name, text.encode()), full=True)


def broken(old: str, new: str) -> str:
    """The small lesson with one piece replaced, which must be there."""
    assert GOOD.count(old) >= 1, old
    return GOOD.replace(old, new, 1)


def line_of(text: str, piece: str) -> int:
    """The line in which a piece of a text stands first."""
    return text[: text.index(piece)].count("\n") + 1
