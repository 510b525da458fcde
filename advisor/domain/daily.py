"""How the load rises and falls over a day or a week."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, model_validator

from advisor.domain.value import Name, Source, Value

HOURS_OF_A_DAY = 24
HOURS_OF_A_WEEK = 7 * HOURS_OF_A_DAY


class DailyProfile(Value):
    """Relative request rate of each hour of a day (24) or a week (168); only ratios count."""

    name: Name
    title: str = ""
    relative_rate: tuple[Annotated[NonNegativeFloat, Field(le=1e9)], ...] = Field(min_length=1)
    source: Source | None = None
    notes: str = ""

    @model_validator(mode="after")
    def _covers_a_day_or_a_week(self) -> "DailyProfile":
        hours = len(self.relative_rate)
        if hours not in {HOURS_OF_A_DAY, HOURS_OF_A_WEEK}:
            raise ValueError(
                f"covers {hours} hours, a profile covers a day ({HOURS_OF_A_DAY}) or a week ({HOURS_OF_A_WEEK})"
            )
        if not sum(self.relative_rate) > 0:
            raise ValueError("has no load in any hour")
        return self

    @property
    def shares_of_mean(self) -> tuple[float, ...]:
        """Rate of each hour over the mean of all."""
        mean = sum(self.relative_rate) / len(self.relative_rate)
        return tuple(rate / mean for rate in self.relative_rate)

    @property
    def peak_share(self) -> float:
        """Rate of the busiest hour over the mean of all, at least 1."""
        return max(self.shares_of_mean)


class Operations(Value):
    """What running a replica is like: how often it is up by price basis, and how long a new one takes to start."""

    availability: dict[str, Annotated[float, Field(gt=0.0, lt=1.0)]]
    availability_source: Source
    startup_s: Annotated[float, Field(gt=0.0)]
    startup_source: Source
