"""The linear probe, Alain and Bengio 2016, arXiv:1610.01644: what can be read off a representation by a hyperplane."""

import warnings

import numpy as np

from explorer.evaluation.probes.registry import Features, probe


@probe("linear", title="linear", by_share=True, accuracy="linear probe", in_parts=True)
def linear(bank: Features, queries: Features) -> np.ndarray:
    """Accuracy of scikit-learn's logistic regression on standardised features (C = 0.1, at most 300 iterations)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    scaler = StandardScaler().fit(bank.z)
    with warnings.catch_warnings(), threadpool_limits(1):  # its steps are short: several threads wait for each other
        warnings.simplefilter("ignore", ConvergenceWarning)  # the bound on iterations is part of the recipe
        classifier = LogisticRegression(C=0.1, max_iter=300).fit(scaler.transform(bank.z), bank.y)
    return np.concatenate([classifier.predict(scaler.transform(part.z)) for part in queries.parts()])
