"""Does each factor that the images were drawn from have a dimension of its own?"""

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum
from explorer.evaluation.disentangling import mig


@desideratum(
    "Disentanglement", order=5, source="mutual information gap (MIG): Chen et al. 2018, arXiv:1802.04942, eq. 6",
    numbers={"mig": Number("mutual information gap", "how much more one dimension says of a factor than the next one, "
                           "over the entropy of the factor, in the mean over factors: 0 = two say the same")},
)  # fmt: skip
def disentanglement(subject: Subject) -> Found:
    """Does each factor of the images have a dimension of its own?"""
    if not subject.factors:
        raise Refused("the factors of these images are not known: choose a data set that was drawn, such as shapes")
    gaps = mig(np.asarray(subject.queries.z), subject.factors)
    return Found({"mig": float(np.mean(list(gaps.values())))}, {"factors": gaps})
