"""What a question says of quality: graded answers, a floor, the price of a mistake, a check of replies."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from advisor.domain.value import Value

MostUsd = Annotated[Decimal, Field(ge=0, le=Decimal(10**9))]


class Grades(Value):
    """How many answers of a model were graded, how many passed, and to how many different tasks."""

    model: str
    passed: NonNegativeInt
    graded: PositiveInt
    tasks: PositiveInt

    @model_validator(mode="after")
    def _no_more_than_graded(self) -> "Grades":
        if self.passed > self.graded or self.tasks > self.graded:
            raise ValueError(f"{self.passed} passed of {self.graded}, to {self.tasks} tasks")
        return self


class CascadeTerms(Value):
    """A check of replies that the user has. `right_share` is how often it is right, about good and bad replies alike."""

    checker: Annotated[str, Field(min_length=1, max_length=100)]
    check_usd: MostUsd
    right_share: Annotated[float, Field(gt=0.0, le=1.0)]


class QualityTerms(Value):
    """What quality is known by, and what it decides. Pass rates come from own grades, or else from one benchmark.

    `min_pass_share` rules out models whose pass rate does not reach it for sure. `mistake_usd` is what a failed request
    costs beside its price.
    """

    grades: tuple[Grades, ...] = ()
    grades_file: str = ""
    min_pass_share: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    success_benchmark: str | None = None
    mistake_usd: MostUsd | None = None
    cascade: CascadeTerms | None = None
