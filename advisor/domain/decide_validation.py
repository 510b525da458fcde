"""The answer to `validate decide`: what choosing and measuring by our rules comes to where every true speed is known."""

from advisor.domain.answer import Answer
from advisor.domain.value import Value


class AskedLine(Value):
    """A question that was gone through: its plans, what can be measured, and in how many invented worlds."""

    question: str
    plans: int
    cells: int
    worlds: int


class LawLine(Value):
    """A law of true speeds, and how it differs from what is believed."""

    law: str
    words: str


class PolicyLine(Value):
    """How quickly a rule of measuring comes to the right choice, on average over worlds.

    Attributes
    ----------
    policy
        The rule.
    measurements
        After how many measurements the regret stays within `tolerance` of that of the full grid.
    grid_share
        The same as a share of all cells.
    target_share
        What is asked for at most; None where nothing is asked.
    regrets
        Realized regret over the price of the best plan, by number of measurements.
    """

    policy: str
    measurements: float
    grid_share: float
    target_share: float | None = None
    regrets: dict[int, float]

    @property
    def kept(self) -> bool | None:
        """Whether it is as asked; None where nothing is asked."""
        return None if self.target_share is None else self.grid_share <= self.target_share


class StopLine(Value):
    """Where `advisor next` says stop, on average: measurements, their cost, and regrets over the price of the best plan.

    `full_grid_regret_share` is the realized regret once everything is measured, `full_grid_cost_usd` what that costs.
    """

    measurements: float
    grid_share: float
    cost_usd: float
    full_grid_cost_usd: float
    announced_regret_share: float
    realized_regret_share: float
    full_grid_regret_share: float


class RegretLine(Value):
    """The regret that is announced beside the one that is realized, both over the price of the best plan.

    `standard_error` is that of the realized one over the worlds, `miss` the announced one over it less 1, `target` what
    its size is asked to stay below, None where nothing is asked or nothing was lost. None as a law: all of them.
    """

    law: str | None
    when: str
    worlds: int
    announced: float
    realized: float
    standard_error: float
    miss: float | None
    target: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether it is as asked; None where nothing is asked, or nothing was lost."""
        return None if self.target is None or self.miss is None else abs(self.miss) <= self.target


class CoverageLine(Value):
    """How often the truth lies within the interval that holds 90 % of draws.

    `inside` counts a truth on an end of the interval in part, as the draws on it lie within (randomized); `at_ends` counts
    it as inside. `low` and `high` are what is asked for; None where nothing is. None as a law or a group: all.
    """

    group: str | None
    when: str
    figure: str
    cases: int
    inside: float
    at_ends: float
    low: float | None = None
    high: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether it is as asked; None where nothing is asked."""
        return None if self.low is None or self.high is None else self.low <= self.inside <= self.high


class DecideValidation(Answer):
    """The answer to `validate decide`.

    `policies`, `stop`, `regrets` and `coverage` are about invented worlds, `unseen` about measured rows on GPU types whose
    rows were left out. `tolerance` is the regret over the price of the best plan that counts as the same.
    """

    asked: tuple[AskedLine, ...]
    laws: tuple[LawLine, ...]
    policies: tuple[PolicyLine, ...]
    stop: StopLine
    regrets: tuple[RegretLine, ...]
    coverage: tuple[CoverageLine, ...]
    unseen: tuple[CoverageLine, ...]
    tolerance: float
    seed: int
    quick: bool
    notes: tuple[str, ...]
