"""Do images of a kind form groups by themselves?"""

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import clusters
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum
from explorer.evaluation.preparation import preparation


@desideratum(
    "Clusterability", order=3, source="silhouette: Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7; adjusted Rand "
    "index: Hubert and Arabie 1985, doi:10.1007/BF01908075",
    numbers={
        "agreement": Number("k-means and classes", "adjusted Rand index of k-means with the classes, as many clusters "
                            "as classes: 0 = chance, 1 = the same"),
        "silhouette": Number("silhouette of the classes", "how much nearer an image is to its own class than to the "
                             "next one, in [-1, 1]"),
        "kmeans_silhouette": Number("silhouette of k-means", "the same of the clusters that k-means finds"),
    },
)  # fmt: skip
def clusterability(subject: Subject) -> Found:
    """Do the images form clusters, and are these the classes?"""
    z, y = np.asarray(subject.queries.z), subject.queries.y
    k = len(np.unique(y))
    if k < 2:
        raise Refused("there is one class only, so clusters agree with nothing: choose a data set with two or more")
    found = clusters.find(z, y, "kmeans", k, seed=subject.seed)
    own = clusters.silhouette(preparation(z).apply(z), y)
    numbers = {"agreement": found.ari, "silhouette": own, "kmeans_silhouette": found.silhouette}
    return Found({name: value for name, value in numbers.items() if value is not None})
