"""What quality does to a decision: pass rates, costs per success and with mistakes, and a cascade of two models."""

from datetime import date
from decimal import Decimal

from advisor.domain.basis import Basis
from advisor.domain.value import Value


class PassRate(Value):
    """How often the answers of a model pass, and how that is known.

    `low_share` and `high_share` hold 95 %; None where a benchmark does not tell how many answers it graded. `floor_share` is
    the floor that was asked for, and `reaches_floor_share` the probability that the rate reaches it.
    """

    model: str
    pass_share: float
    low_share: float | None
    high_share: float | None
    passed: int | None
    graded: int | None
    tasks: int | None
    floor_share: float | None = None
    reaches_floor_share: float | None = None
    basis: Basis
    source: str
    source_url: str | None
    date: date | None


class ModelCost(Value):
    """What a request, and a success, costs with the best plan of a model.

    `basis` is that of the plan's speed; how the pass rate is known stands with the rate. `usd_per_success` is cost over pass rate, with the ends of the rate's interval: it ranks models and is no plan to
    repeat. `usd_with_mistakes` adds the price of a mistake times the share that fails.
    """

    model: str
    contender: str
    plan: str
    usd_per_request: Decimal
    basis: Basis
    pass_share: float | None
    usd_per_success: Decimal | None
    usd_per_success_low: Decimal | None
    usd_per_success_high: Decimal | None
    usd_with_mistakes: Decimal | None = None


class Mistakes(Value):
    """Which model costs less once failures cost something, beside the plain choice.

    `mistake_usd`, `cheaper_model` and `differs` are None without a price of a mistake. Above `flips_at_usd` the model
    `flips_to` costs less in total than the plain choice; None where no price does that.
    """

    plain_model: str
    mistake_usd: Decimal | None
    cheaper_model: str | None
    differs: bool | None
    flips_at_usd: Decimal | None
    flips_to: str | None
    sentence: str


class Cascade(Value):
    """A first model for all requests, and a second for those whose reply a check rejects. Two fleets; never the decision.

    Costs are per request that comes in: those of both fleets and of the check, beside the second model alone. `pays` says
    whether it is the cheaper one, `pays_with_mistakes` the same with the price of mistakes; None where the second model
    alone meets nothing. `pays_below_share` is the condition without whole replicas: first over second cost per request must
    be below it. `worst_e2e_p95_ms` is the sum of both, without the time of the check.
    """

    checker: str
    check_usd: Decimal
    right_share: float
    first_model: str
    second_model: str
    first_plan: str
    second_plan: str
    accepted_share: float
    pass_share: float
    usd_per_request: Decimal
    usd_with_mistakes: Decimal | None
    second_alone_usd_per_request: Decimal | None
    second_alone_usd_with_mistakes: Decimal | None
    pays: bool | None
    pays_with_mistakes: bool | None
    cost_share: float | None
    pays_below_share: float | None
    worst_e2e_p95_ms: float
    basis: Basis
    sentence: str


class QualityDecision(Value):
    """What the asked terms of quality say beside the decision, which they change only by ruling models out.

    `no_cascade` says why there is none though one was asked for. `notes` are what else a reader must know.
    """

    pass_rates: tuple[PassRate, ...]
    costs: tuple[ModelCost, ...]
    mistakes: Mistakes | None = None
    cascade: Cascade | None = None
    no_cascade: str = ""
    notes: tuple[str, ...] = ()
