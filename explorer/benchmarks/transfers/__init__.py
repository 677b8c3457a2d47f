"""Studies of transfers: sources, arms and amounts of labels on one protocol, a row for each training.

Their rows lie in a folder of their own; what a row holds is told by `rows`, what is asked by `suite`.
"""

from explorer.benchmarks.transfers.study import Training, TransferStudy, Wave
from explorer.benchmarks.transfers.suite import TRANSFERS

__all__ = ["TRANSFERS", "Training", "TransferStudy", "Wave"]
