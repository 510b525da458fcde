"""The answer to `review`: one decision, arranged for those who sign for the money. A recommendation and what surrounds it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import NonNegativeInt, PositiveInt

from advisor.domain.answer import Answer, Candidate, Recommendation
from advisor.domain.certainty import Sureness
from advisor.domain.levers import Lever
from advisor.domain.offer import Confidence, PriceBasis, Seller
from advisor.domain.value import Value


class Cover(Value):
    """What a document says of itself: title, owner of the decision, the command that wrote it, and whether it is a draft."""

    title: str = ""
    owner: str = ""
    command: str = "advisor review"
    draft: bool = False


class Grade(StrEnum):
    """Whether a document may be signed: `review`, or `draft` where something it rests on is not fit for that."""

    REVIEW = "review"
    DRAFT = "draft"


class Role(StrEnum):
    """What a price, or an alternative, is to the decision. A `reference` is a list price beside the user's own."""

    CHOSEN = "chosen"
    RUNNER_UP = "runner-up"
    ALTERNATIVE = "alternative"
    REFERENCE = "reference"


class PriceStanding(StrEnum):
    """Whether a price may stand in a review: fresh, to be quoted again, or unfit."""

    FRESH = "fresh"
    AGING = "aging"
    UNFIT = "unfit"


class PriceLine(Value):
    """One price that the document shows, for one shape and hour. All `gpu_count` GPUs of the shape are paid.

    Of list, published and contracted price one is given: a list price is on demand or spot, a published rate asks for a
    commitment of `term_months`, a contracted one is the user's own. `reason` says why a price is unfit or aging.
    """

    role: Role
    used_by: tuple[str, ...]
    provider: str
    region: str
    instance_type: str
    gpu: str
    gpu_count: PositiveInt
    price_basis: PriceBasis
    seller: Seller
    term_months: NonNegativeInt
    list_usd_per_hour: Decimal | None
    committed_usd_per_hour: Decimal | None
    contracted_usd_per_hour: Decimal | None
    as_of: date
    age_days: int
    fresh_until: date
    usable_until: date
    confidence: Confidence
    source_url: str | None
    standing: PriceStanding
    reason: str


class MoneyLine(Value):
    """What the chosen plan costs over a period; `low_usd` and `high_usd` hold 90 % of draws, None where not drawn."""

    period: str
    hours: PositiveInt
    usd: Decimal
    low_usd: Decimal | None
    high_usd: Decimal | None


class CostLine(Value):
    """What a plan costs over a month of 730 hours, for a table of costs.

    `effective_usd` is what the plan is estimated to cost; `list_usd` and `contracted_usd` are the same at the list price and at
    the user's own, None where there is no such price. `low_usd` and `high_usd` hold 90 % of draws, None where not drawn.
    """

    plan: Candidate
    role: Role
    price: PriceLine
    shape_hours: PositiveInt
    list_usd: Decimal | None
    contracted_usd: Decimal | None
    effective_usd: Decimal
    low_usd: Decimal | None
    high_usd: Decimal | None


class Subject(StrEnum):
    """What an alternative is an alternative of."""

    MODEL = "model"
    GPU = "GPU"
    PRICE_BASIS = "price basis"
    OUTSIDE = "outside"


class Outcome(StrEnum):
    """What became of an alternative."""

    CHOSEN = "chosen"
    EQUAL = "equal"
    DEARER = "dearer"
    UNCONFIRMED = "unconfirmed"
    IMPOSSIBLE = "impossible"
    NOT_PRICED = "not priced"


class AlternativeLine(Value):
    """One alternative with the best plan there is for it, and why it was chosen or not.

    `simulated` says whether the plan was simulated, like the chosen one, or sized by formula alone. `more_share` is what it
    costs beyond the chosen plan, as a share of that.
    """

    subject: Subject
    name: str
    outcome: Outcome
    plan: str
    usd_per_month: Decimal | None
    more_share: float | None
    simulated: bool
    reason: str


class AssumptionLine(Value):
    """A figure that the answer takes for granted: how it is known, and what it does to the answer if it is wrong."""

    name: str
    value: str
    unit: str
    source: str
    source_url: str | None
    date: date
    confidence: str
    impact: str


class CommitmentLine(Value):
    """The cheapest plan of a price basis beside the cheapest on-demand plan.

    Attributes
    ----------
    owed_usd
        What is owed over the term, used or not; None without a term.
    saving_share
        Saving over the cheapest on-demand plan, None where there is none. So far on-demand prices may also fall before
        the commitment is a loss.
    break_even_share
        Share of all hours that the on-demand plan may run at most before the commitment is the cheaper one.
    """

    price_basis: PriceBasis
    plan: str
    term_months: NonNegativeInt
    usd_per_month: Decimal
    owed_usd: Decimal | None
    saving_share: float | None
    break_even_share: float | None


class RiskLine(Value):
    """What may go wrong, the sign that it does, what to do then, and whose it is."""

    code: str
    risk: str
    trigger: str
    action: str
    owner: str


class TaskLine(Value):
    """What is to be checked before anyone signs, how, and by whom."""

    code: str
    task: str
    how: str
    owner: str


class ChangeLine(Value):
    """What would change the answer, and into what."""

    code: str
    what: str
    effect: str


class Repetition(Value):
    """How to get the same document again, and what it knew. `reproduce_note` says why its JSON is not enough for that."""

    command: str
    reproduce: tuple[str, ...]
    reproduce_note: str = ""
    advisor_version: str
    profiles_digest: str
    evidence_digest: str
    rows: NonNegativeInt
    runs: NonNegativeInt
    draws: NonNegativeInt
    seed: NonNegativeInt


class Review(Answer):
    """A recommendation with all that a procurement or FinOps review asks for. Every figure is the recommendation's.

    Attributes
    ----------
    grade, unfit
        Whether it may be signed, and what speaks against that; a document of grade `review` has nothing in `unfit`.
    asked, answered
        The decision in one sentence each.
    sureness, sure_in_words
        How safe the choice of the model is, and of the plan; None where nothing was drawn.
    prices_as_of, prices_fresh_until, prices_usable_until
        Day of the oldest price shown, the first day on which one is to be quoted again, and the last on which all are fit.
    sensitivity, sensitivity_note
        What each input does to the choice, and how that was looked at, or why there is nothing.
    """

    recommendation: Recommendation
    grade: Grade
    unfit: tuple[str, ...]
    title: str
    owner: str
    asked: str
    answered: str
    sureness: Sureness | None
    sure_in_words: str
    money: tuple[MoneyLine, ...]
    currency: str = "USD"
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    prices: tuple[PriceLine, ...]
    costs: tuple[CostLine, ...]
    prices_as_of: date
    prices_fresh_until: date
    prices_usable_until: date
    alternatives: tuple[AlternativeLine, ...]
    assumptions: tuple[AssumptionLine, ...]
    commitments: tuple[CommitmentLine, ...]
    commitment_note: str
    sensitivity: tuple[Lever, ...]
    sensitivity_note: str
    risks: tuple[RiskLine, ...]
    changes: tuple[ChangeLine, ...]
    tasks: tuple[TaskLine, ...]
    repetition: Repetition
    signers: tuple[str, ...]
