"""The answer to `validate`: everything that this program is judged on, in one table, beside trivial rules and other tools."""

from datetime import date
from enum import StrEnum

from advisor.domain.answer import Answer
from advisor.domain.value import Value


class Statistic(StrEnum):
    """What a target is set for."""

    MEDIAN = "median"
    P90 = "p90"
    MEAN = "mean"
    WORST = "worst"


class ErrorSizes(Value):
    """Sizes of the errors over some cases: relative to the truth, without their sign."""

    cases: int
    median: float
    p90: float
    mean: float
    worst: float


class TrivialRule(Value):
    """What somebody would do without this program, judged on the same truth. None: no case that it can answer."""

    rule: str
    errors: ErrorSizes | None


class Target(Value):
    """What is asked of a statistic: to be at most this. `source` says who asks."""

    statistic: Statistic
    at_most: float
    source: str


class NamedError(Value):
    """A case and its error; positive is more than the truth."""

    case: str
    error: float


class JudgedLine(Value):
    """One thing that is judged. `truth` says what it is compared with, `figure` what the errors are errors of.

    `bias` is the mean of the errors with their sign. `kept` says whether the target is; None where there is none, or where
    too little was simulated to tell. `sums_up` says that its cases are themselves sums over many, so that no total counts them.
    """

    part: str
    judged: str
    truth: str
    figure: str
    errors: ErrorSizes
    bias: float
    rules: tuple[TrivialRule, ...] = ()
    target: Target | None = None
    kept: bool | None = None
    sums_up: bool = False
    worst_cases: tuple[NamedError, ...] = ()


class PeerFigure(Value):
    """What is published about the errors of another tool. `conditions` say what was measured.

    `comparable` is whether like stands beside like; `remark` says why, or why not.
    """

    part: str
    tool: str
    figure: str
    statistic: str
    error: float
    conditions: str
    comparable: bool
    remark: str
    date: date
    source_url: str


class JudgedCase(Value):
    """One case: the truth, and what we and the trivial rule make of it. None: the rule cannot answer."""

    part: str
    judged: str
    case: str
    unit: str
    true_value: float
    our_value: float
    error: float
    rule_error: float | None = None


class PartLeftOut(Value):
    """A part that could not be judged, and why."""

    part: str
    reason: str


class ValidationSummary(Answer):
    """The answer to `validate`. `cases` are there when one part is asked for. `quick` is whether simulations were cut short."""

    lines: tuple[JudgedLine, ...]
    peers: tuple[PeerFigure, ...] = ()
    cases: tuple[JudgedCase, ...] = ()
    left_out: tuple[PartLeftOut, ...] = ()
    quick: bool = True
    seed: int = 0
    notes: tuple[str, ...] = ()
