"""What is asked of the models: lengths with their spread, content, and the default objective."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from advisor.domain.model import Content
from advisor.domain.slo import Objective
from advisor.domain.value import Name, Source, Value


class LengthLaw(Value):
    """Distribution of a length in tokens: lognormal with mean and coefficient of variation; cv 0 is a fixed length.

    `max_tokens` cuts the longest; the mean is that before the cut and must lie below it.
    """

    mean_tokens: PositiveFloat
    cv: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    max_tokens: PositiveInt | None = None

    @model_validator(mode="after")
    def _mean_below_max(self) -> "LengthLaw":
        if self.max_tokens is not None and self.mean_tokens > self.max_tokens:
            raise ValueError(f"mean_tokens {self.mean_tokens:g} exceeds max_tokens {self.max_tokens}")
        return self


class Workload(Value):
    """What is asked: either two length laws or the (input, output) pairs of a trace, never both.

    `count_dispersion` is the variance-to-mean ratio of a trace's arrivals in windows of ten seconds. `arrival_s` are the
    times of its requests, one per pair, ascending from 0; they are left out of answers, which the pairs fill already.
    """

    name: Name
    title: str = ""
    content: Content
    input: LengthLaw | None = None
    output: LengthLaw | None = None
    pairs: tuple[tuple[PositiveInt, PositiveInt], ...] = ()
    arrival_s: tuple[NonNegativeFloat, ...] = Field(default=(), exclude=True, repr=False)
    count_dispersion: NonNegativeFloat | None = None
    objectives: tuple[Objective, ...] = ()
    steps_per_canvas: PositiveFloat | None = None
    cached_prompt_share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    source: Source | None = None
    notes: str = ""
