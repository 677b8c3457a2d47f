"""How sure an accuracy is: the intervals of shares, whether two of them differ, and how many digits they have."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

Z = 1.96  # standard errors on either side that hold the true value in 95 of 100 cases
FEW = 30  # images: of fewer no difference is spoken of
TENTHS = 2500  # images from which on the standard error is at most 1 percentage point, and tenths of one are shown


def interval(p: float, n: int, z: float = Z) -> tuple[float, float]:
    """The 95% confidence interval of a share `p` of `n` images; Wilson 1927, doi:10.1080/01621459.1927.10502953.

    Unlike p plus or minus a margin it has a width at none and at all, and holds for small n.
    """
    if n < 1:
        return 0.0, 1.0
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def margin(p: float, n: int) -> float:
    """How far the 95% confidence interval of a share `p` of `n` images reaches from it: on its longer side."""
    low, high = interval(p, n)
    return max(p - low, high - p)


def difference_interval(p: float, q: float, n: int, z: float = Z) -> tuple[float, float]:
    """The 95% confidence interval of p - q, shares of `n` images each that were drawn independently.

    Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10.
    """
    (p_low, p_high), (q_low, q_high) = interval(p, n, z), interval(q, n, z)
    return p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low)


def margin_of_difference(p: float, q: float, n: int) -> float:
    """How far that interval reaches from the difference: on its longer side."""
    low, high = difference_interval(p, q, n)
    return max(p - q - low, high - (p - q))


def difference_is_significant(p: float, q: float, n: int) -> bool:
    """Whether two shares of `n` images differ by more than the sampling error (5%); never below `FEW` images."""
    low, high = difference_interval(p, q, n)
    return n >= FEW and not low <= 0 <= high


def is_above_chance(p: float, chance: float, n: int) -> bool:
    """Whether a share of `n` images is more than guessing gives; never below `FEW` images."""
    return n >= FEW and interval(p, n)[0] > chance


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


T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
# Student's t that 97.5 % lie below, for 1 to 30 degrees of freedom


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95% confidence interval of the mean of a few measurements, by Student's t; a single one has no width."""
    middle = fmean(values)
    half = margin_of_mean(stdev(values), len(values)) if len(values) > 1 else 0.0
    return middle - half, middle + half


def margin_of_mean(deviation: float, n: int) -> float:
    """How far that interval reaches from the mean of `n` measurements with this standard deviation; `n` from 2."""
    t = T[n - 2] if n - 2 < len(T) else Z + (Z**3 + Z) / (4 * (n - 1))
    return t * deviation / math.sqrt(n)


def signed_points(middle: float, low: float, high: float) -> str:
    """A mean difference of two shares with its interval: +2.1 percentage points (+1.2 to +3.0)."""
    middle_text, low_text, high_text = (f"{100 * value:+.1f}".replace("-", "−") for value in (middle, low, high))
    return f"{middle_text} percentage points ({low_text} to {high_text})"
