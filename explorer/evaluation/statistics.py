"""How sure an accuracy is: standard errors of shares, and whether two of them differ."""

import math

Z = 1.96  # standard errors on either side that hold the true value in 95 of 100 cases


def standard_error(p: float, n: int) -> float:
    """The standard error of a share `p` of `n` images: sqrt(p (1 - p) / n)."""
    return math.sqrt(p * (1 - p) / max(n, 1))


def margin(p: float, n: int) -> float:
    """Half the width of the 95 % confidence interval of a share `p` of `n` images (normal approximation)."""
    return Z * standard_error(p, n)


def margin_of_difference(p: float, q: float, n: int) -> float:
    """The same for the difference of two shares, each of `n` images drawn independently."""
    return Z * math.hypot(standard_error(p, n), standard_error(q, n))


def difference_is_significant(p: float, q: float, n: int) -> bool:
    """Whether two shares of `n` images differ by more than the sampling error (two-sided z-test, 5 %)."""
    return abs(p - q) > margin_of_difference(p, q, n)


def is_above_chance(p: float, chance: float, n: int) -> bool:
    """Whether a share of `n` images is more than guessing gives (one-sided, by the standard error of guessing)."""
    return p - chance > margin(chance, n)
