"""The answer to `next`: which deployments are worth measuring, in which order, and when to stop."""

from decimal import Decimal
from enum import StrEnum

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from advisor.domain.answer import Answer, Caution, DeploymentLine
from advisor.domain.basis import Basis
from advisor.domain.question import Question
from advisor.domain.value import Value

USUAL_HORIZON_MONTHS = 12.0
"""How long a choice is lived with, where nobody says (assumed: a budget year)."""

LOOKAHEAD_DRAWS = 4000
"""Draws behind the worth of a measurement: with them it is known to about 1 % of the regret (600 leave 4 %)."""


class Reason(StrEnum):
    """Why a deployment has its place: it is the likeliest rival of the chosen plan, that plan itself, or worth most."""

    RIVAL = "likeliest_rival"
    CHOSEN = "chosen_plan"
    WORTH = "worth"


class PlanAtStake(Value):
    """A plan with what choosing it costs over choosing best, on average over draws. Prices are USD per month."""

    plan: str
    usd_per_month: Decimal
    expected_regret_usd_per_month: Decimal


class CellWorth(DeploymentLine):
    """A deployment that may be measured, what that brings and what it takes.

    Attributes
    ----------
    reason
        Why it has its place.
    log_sd
        Spread of the log of its speed now, half the width of 68 % of draws.
    beats_share
        Share of draws in which it is over 2 % cheaper than the chosen plan.
    expected_regret_after_usd_per_month
        Expected regret of who chooses once it is measured, averaged over what the measurement may show.
    saving_usd_per_month
        By how much that is less than the least expected regret now. That a measurement also sizes the plan is not counted.
    worth_usd
        The same over the horizon.
    loads
        What its campaign measures.
    hours, gpu_hours
        How long that takes, the start of the server included, and that times its GPUs; modeled.
    usd_per_hour
        Price of the cheapest shape that holds one replica, of the offers that the plan may use. Shapes are paid whole.
    cost_usd
        Price of those hours.
    worth_per_cost
        Worth over cost.
    pays
        Whether it is worth more than it costs.
    """

    reason: Reason
    basis: Basis
    log_sd: NonNegativeFloat
    beats_share: NonNegativeFloat
    expected_regret_after_usd_per_month: Decimal
    saving_usd_per_month: Decimal
    worth_usd: Decimal
    loads: tuple[str, ...]
    hours: PositiveFloat
    gpu_hours: PositiveFloat
    usd_per_hour: Decimal
    cost_usd: Decimal
    worth_per_cost: NonNegativeFloat
    pays: bool


class NextMeasurement(Answer):
    """The answer to `next`. `cells` come in the order in which they are worth measuring, the first one next.

    Attributes
    ----------
    chosen
        The plan that `recommend` chooses.
    steadiest
        The plan with the least expected regret, which needs no measurement; often the chosen one.
    settled
        Whether nothing is worth its cost.
    verdict
        What to do, in a sentence.
    measured
        Deployments that are left out because they are measured already.
    plans, draws, seed
        Plans that were drawn together, in how many draws, from which start.
    """

    question: Question
    horizon_months: PositiveFloat
    chosen: PlanAtStake
    steadiest: PlanAtStake
    settled: bool
    verdict: str
    cells: tuple[CellWorth, ...]
    measured: tuple[str, ...]
    plans: PositiveInt
    draws: PositiveInt
    seed: int
    warnings: tuple[Caution, ...] = ()
    evidence_digest: str = ""


class AdaptiveStep(Value):
    """One deployment that was measured because it was worth it.

    `expected_regret_before_usd_per_month` is that of the plan chosen before, `worth_usd` and `expected_cost_usd` are what it
    was measured for, `gpu_hours` what it took. `measured` and `failed` count the cells of its campaign.
    """

    deployment: str
    campaign_id: str
    expected_regret_before_usd_per_month: Decimal
    worth_usd: Decimal
    expected_cost_usd: Decimal
    gpu_hours: NonNegativeFloat
    measured: NonNegativeInt
    failed: NonNegativeInt
    stopped_because: str = ""


class AdaptiveRun(Answer):
    """The answer to `profile run --adaptive`: what was measured in which order, and where the decision stands then.

    `stopped_because` says what ended it before nothing was worth its cost any more; empty where nothing did. `last` is the
    answer of `next` after the last step.
    """

    database: str
    basis: Basis
    steps: tuple[AdaptiveStep, ...]
    gpu_hours: NonNegativeFloat
    stopped_because: str
    last: NextMeasurement
    warnings: tuple[Caution, ...] = ()
