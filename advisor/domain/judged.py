"""How good the estimator is: its errors on GPUs that it was not fitted on, and its fitted constants."""

from datetime import date
from typing import Literal

from advisor.domain.answer import Answer
from advisor.domain.value import Value


class ErrorLine(Value):
    """Leave-one-GPU-out error of a group of rows, ours beside the figure we compare with."""

    scope: str
    group: str
    rows: int
    median: float
    p90: float
    mean: float
    bias: float
    reference: float | None = None


class ExcludedRows(Value):
    """Rows the estimator is not judged on, and why."""

    reason: str
    rows: int


class Validation(Answer):
    """The answer to `validate`: how wrong the estimator is on GPUs it was not fitted on."""

    lines: tuple[ErrorLine, ...]
    batching_gain: tuple[ErrorLine, ...] = ()
    excluded: tuple[ExcludedRows, ...]
    notes: tuple[str, ...]


class Constant(Value):
    """A fitted constant of the physics."""

    name: str
    value: float
    unit: str
    meaning: str


class Calibration(Value):
    """The answer to `calibrate`: the constants, what they were fitted on, and how well they fit."""

    schema_version: Literal[1] = 1
    fitted_at: date
    constants: tuple[Constant, ...]
    rows: int
    gpus: int
    log_sd: float
    written_to: str | None
