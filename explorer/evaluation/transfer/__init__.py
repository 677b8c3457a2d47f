"""What a representation is worth elsewhere: the same few labels, and several ways to use an encoder.

`arms` says what each of them does; here they are trained: `learner` is one at work, `bench` what all of them share.
"""

from explorer.evaluation.arms import TransferConfig
from explorer.evaluation.transfer.bench import Bench, transfer
from explorer.evaluation.transfer.cells import Cell, cells
from explorer.evaluation.transfer.labels import labelled
from explorer.evaluation.transfer.learner import Learner
from explorer.evaluation.transfer.memory import SourceMemory

__all__ = ["Bench", "Cell", "Learner", "SourceMemory", "TransferConfig", "cells", "labelled", "transfer"]
