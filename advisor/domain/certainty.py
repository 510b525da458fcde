"""How sure an answer is: what costs, fleets and latencies may turn out to be, and whether the winner stays the winner."""

from decimal import Decimal
from enum import StrEnum

from advisor.domain.value import Value


class Sureness(StrEnum):
    """How safe a choice is: a rival is more than 2 % cheaper in fewer than 5 % of draws, fewer than 25 %, or more.

    `equal`: costs differ by less than 2 % on average and in most draws, so that something else may decide. `only`: there is
    no rival.
    """

    CLEAR = "clear"
    LIKELY = "likely"
    TOO_CLOSE = "too_close_to_call"
    EQUAL = "equal"
    ONLY = "only"


class Spread90(Value):
    """A figure over all draws: the range that holds 90 % of them, and its middle. None: not to be had in that many."""

    p05: float | None
    p50: float | None
    p95: float | None


class Outlook(Value):
    """What a plan may turn out to need once its true speed is known. Prices are USD per hour.

    `as_planned` is the share of draws in which no more replicas are needed than planned, `feasible` that in which any
    number of replicas keeps the objectives, `best` that in which no other plan is more than 2 % cheaper.
    `expected_regret_usd_per_hour` is what choosing it costs over choosing best, on average.
    """

    replicas: Spread90
    usd_per_hour: Spread90
    e2e_p95_ms: Spread90
    as_planned: float
    feasible: float
    best: float
    expected_regret_usd_per_hour: Decimal


class Certainty(Value):
    """How sure the decision is, over `draws` of all speeds at once.

    Attributes
    ----------
    sureness
        Of the model that was chosen, against the best plan of each other model.
    probability
        Share of draws in which the model does and no other model is more than 2 % cheaper.
    rival
        The plan that is cheapest most often where the chosen one costs over 2 % more; None if none ever is.
    rival_probability
        Share of draws in which it is that.
    expected_regret_usd_per_hour
        What the chosen plan costs over the best plan of all, on average over draws: the worth of knowing all speeds.
    expected_regret_usd_per_month
        The same over 730 hours.
    plan_probability
        Share of draws in which no other plan at all is more than 2 % cheaper.
    nothing_share
        Share of draws in which no plan keeps the objectives, however many replicas. They count against the choice in the
        probabilities, and are left out of the regret.
    """

    sureness: Sureness
    probability: float
    rival: str | None
    rival_probability: float
    expected_regret_usd_per_hour: Decimal
    expected_regret_usd_per_month: Decimal
    plan_probability: float
    nothing_share: float = 0.0
    plans: int
    draws: int
    seed: int
