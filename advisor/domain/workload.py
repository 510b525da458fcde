"""What is asked of the models: lengths with their spread, content, and the default objective."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from advisor.domain.model import Content
from advisor.domain.slo import Objective
from advisor.domain.value import Name, Source, Value


class LengthLaw(Value):
    """Distribution of a length in tokens: lognormal with mean and coefficient of variation; cv 0 is a fixed length."""

    mean_tokens: PositiveFloat
    cv: NonNegativeFloat = 0.0
    max_tokens: PositiveInt | None = None


class Workload(Value):
    """What is asked: either two length laws or the (input, output) pairs of a trace, never both."""

    name: Name
    title: str = ""
    content: Content
    input: LengthLaw | None = None
    output: LengthLaw | None = None
    pairs: tuple[tuple[PositiveInt, PositiveInt], ...] = ()
    objectives: tuple[Objective, ...] = ()
    steps_per_canvas: PositiveFloat | None = None
    cached_prompt_share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    source: Source | None = None
    notes: str = ""
