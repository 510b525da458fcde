"""What graded answers tell about a pass rate, and what failures do to the cost of a request.

Pass rates are shares of graded answers that passed, taken as independent draws with one probability. Money is USD.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import exp, lgamma, log, log1p, sqrt
from typing import TYPE_CHECKING

from advisor.planning.ranking import TIE_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Z_95 = 1.959964
"""97.5th percentile of the standard normal law: an interval of so many standard errors to both sides holds 95 %."""

SURE_SHARE = 0.9
"""Probability with which a pass rate must reach a floor for its model to be allowed."""

MOST_ANSWERS = 10**6
"""Further graded answers beyond which nobody is told to grade."""

_JEFFREYS = 0.5
_SMALL = 1e-300
_PRECISE = 1e-14
_MOST_TERMS = 100_000


def wilson(passed: int, graded: int, z: float = Z_95) -> tuple[float, float]:
    """Return the interval of a pass rate by Wilson's score: where a binomial test does not reject it.

    Parameters
    ----------
    passed, graded
        Answers that passed, of so many; at least 1 graded.
    z
        Standard errors to both sides; 1.96 for 95 %.

    Returns
    -------
    Low and high end, shares of 1. E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212.
    """
    share = passed / graded
    spread = z * z / graded
    center = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / graded + spread / (4 * graded)) / (1 + spread)
    return (0.0 if passed == 0 else max(center - half, 0.0)), (1.0 if passed == graded else min(center + half, 1.0))


def reaches(passed: float, graded: float, floor: float) -> float:
    """Return P(pass rate >= floor) after so many graded answers, with Jeffreys' prior Beta(1/2, 1/2).

    Counts may be fractions, for what is expected of answers to come; 0 graded is the prior alone.
    """
    return 1.0 - beta_below(floor, passed + _JEFFREYS, graded - passed + _JEFFREYS)


def beta_below(share: float, a: float, b: float) -> float:
    """Return P(X <= share) of a beta law: the regularized incomplete beta function I_share(a, b).

    By its continued fraction (DLMF 8.17.22), on that side of the mean where it converges fast. Error below 1e-8 for
    shapes of up to a million.
    """
    if not 0.0 < share < 1.0:
        return 0.0 if share <= 0.0 else 1.0
    if share > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_below(1.0 - share, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share))
    return min(front * _fraction(share, a, b) / a, 1.0)


def _fraction(share: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method from the front."""
    upper, lower = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * share / (a + 1.0))
    value = lower
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            lower = 1.0 / _away_from_zero(1.0 + term * lower)
            upper = _away_from_zero(1.0 + term / upper)
            value *= lower * upper
        if abs(lower * upper - 1.0) < _PRECISE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _SMALL else _SMALL


def more_at_this_rate(passed: int, graded: int, floor: float) -> int | None:
    """Return how many further answers, passing as often as so far, make it sure that the rate reaches the floor.

    None where the rate is not above the floor, so that no number would do, or where it takes over a million.
    """
    if not graded or passed / graded <= floor:
        return None
    rate = passed / graded
    return _fewest(lambda more: reaches(passed + rate * more, graded + more, floor) >= SURE_SHARE)


def more_all_passing(passed: int, graded: int, floor: float) -> int | None:
    """Return how many further answers, all of them passing, make it sure; None where it takes over a million."""
    return _fewest(lambda more: reaches(passed + more, graded + more, floor) >= SURE_SHARE)


def _fewest(enough: Callable[[int], bool]) -> int | None:
    """Return the smallest number that is enough, where all beyond it are."""
    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_ANSWERS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def per_success(usd: Decimal, pass_share: float) -> Decimal | None:
    """Return the cost of a request over its pass rate; None where none passes.

    The cost of a success if failures were repeated with independent luck (cost-of-pass, openreview vC9S20zsgN). They are
    not: a task that fails once fails more often again. So it ranks models, and is no plan to repeat.
    """
    return None if pass_share <= 0 else usd / _exact(pass_share)


def with_mistakes(usd: Decimal, pass_share: float, mistake_usd: Decimal) -> Decimal:
    """Return the expected cost of a request and of its failure [USD]: cost + mistake (1 - pass rate), arXiv 2507.03834."""
    return usd + mistake_usd * (1 - _exact(pass_share))


def flips_at_usd(usd: Decimal, pass_share: float, other_usd: Decimal, other_share: float) -> Decimal | None:
    """Return the price of a mistake above which the other model costs less in total; None where there is none.

    There is one if the other passes more often: (difference of costs) / (difference of rates), and 0 where it is no
    dearer to begin with.
    """
    if other_share <= pass_share:
        return None
    return max((other_usd - usd) / (_exact(other_share) - _exact(pass_share)), Decimal(0))


def cheaper_by_total(plain: str, totals_usd: Mapping[str, Decimal]) -> str:
    """Return the name with the lowest total; the one that was chosen without mistakes stays within a tie.

    Without a price of mistakes that is the plain choice, whatever broke its tie.
    """
    least = min(totals_usd.values())
    if totals_usd[plain] <= least * (1 + _exact(TIE_SHARE)):
        return plain
    return min(totals_usd, key=lambda name: totals_usd[name])


@dataclass(frozen=True, slots=True)
class Escalation:
    """A first model whose replies are checked, and a second one that answers anew what was rejected.

    `right_share` is how often the check is right, about good and bad replies alike. Whether the second model passes is taken
    not to depend on whether the first one did (assumed; tasks that are hard for one tend to be hard for the other).
    """

    first_pass_share: float
    second_pass_share: float
    right_share: float

    @property
    def accepted_share(self) -> float:
        """Share of replies of the first model that the check accepts: good ones it knows, bad ones it misses."""
        passed, right = self.first_pass_share, self.right_share
        return right * passed + (1 - right) * (1 - passed)

    @property
    def rejected_share(self) -> float:
        """Share of requests that the second model answers."""
        return 1 - self.accepted_share

    @property
    def pass_share(self) -> float:
        """Share of requests that end with a good reply."""
        return self.right_share * self.first_pass_share + self.rejected_share * self.second_pass_share

    def pays_below(self, check_usd: Decimal, second_usd: Decimal) -> float:
        """Return the ratio of the models' costs per request below which the first one with a check costs less.

        Without fleets of whole replicas: c1 + check + rejected c2 < c2, so c1/c2 < accepted - check/c2.
        """
        return self.accepted_share - float(check_usd / second_usd)


def _exact(share: float) -> Decimal:
    return Decimal(repr(float(share)))
