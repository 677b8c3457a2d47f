"""How sure an accuracy is: standard errors of shares, whether two of them differ, and how many digits they have."""

import math

Z = 1.96  # standard errors on either side that hold the true value in 95 of 100 cases
TENTHS = 2500  # images from which on no standard error exceeds 1 percentage point, and tenths of one are shown


def standard_error(p: float, n: int) -> float:
    """The standard error of a share `p` of `n` images: sqrt(p (1 - p) / n)."""
    return math.sqrt(p * (1 - p) / max(n, 1))


def margin(p: float, n: int) -> float:
    """Half the width of the 95% confidence interval of a share `p` of `n` images (normal approximation)."""
    return Z * standard_error(p, n)


def margin_of_difference(p: float, q: float, n: int) -> float:
    """The same for the difference of two shares, each of `n` images drawn independently."""
    return Z * math.hypot(standard_error(p, n), standard_error(q, n))


def difference_is_significant(p: float, q: float, n: int) -> bool:
    """Whether two shares of `n` images differ by more than the sampling error (two-sided z-test, 5%)."""
    return abs(p - q) > margin_of_difference(p, q, n)


def is_above_chance(p: float, chance: float, n: int) -> bool:
    """Whether a share of `n` images is more than guessing gives (one-sided, by the standard error of guessing)."""
    return p - chance > margin(chance, n)


def decimals(n: int | None) -> int:
    """How many decimals the percentage of a share of `n` images supports: 0, or 1 from TENTHS images on."""
    return int((n or 0) >= TENTHS)


def percent(p: float, n: int | None = None) -> str:
    """A share `p` of `n` images in words: 93%, or 93.4% of 10,000. Only all is 100%, and only none is 0%."""
    digits = decimals(n)
    shown, least = f"{100 * p:.{digits}f}", 10.0**-digits
    if p < 1 and float(shown) >= 100:
        return f">{100 - least:.{digits}f}%"
    if p > 0 and float(shown) <= 0:
        return f"<{least:.{digits}f}%"
    return f"{shown}%"


def points(difference: float, n: int | None = None) -> str:
    """A difference of two shares of `n` images in words: 4 percentage points."""
    digits = decimals(n)
    shown, least = f"{100 * difference:.{digits}f}", f"{10.0**-digits:.{digits}f}"
    if difference and float(shown) == 0:
        return f"less than {least} percentage point"
    return f"{shown} percentage point{'' if shown in ('1', '-1') else 's'}"
