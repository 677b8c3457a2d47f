"""Studies: many trainings on one protocol, and the question that they answer together.

A study is a question and its arms. Each arm is trained once per seed, and each finished run is one row of a file that
only grows; a killed study goes on where it was, and its table is written from the rows alone.
"""

from explorer.benchmarks.protocol import Arm, Protocol, Study
from explorer.benchmarks.suite import STUDIES

__all__ = [
    "STUDIES",
    "Arm",
    "Protocol",
    "Study",
]
