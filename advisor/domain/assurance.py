"""How safe a plan is: attainment in simulation, spares, distance to saturation, and fleets that follow the day."""

from decimal import Decimal
from enum import StrEnum

from advisor.domain.value import Value


class Interval(Value):
    """A figure with the range in which it lies with 80 % probability."""

    value: float
    low: float
    high: float


class DecidedBy(StrEnum):
    """What the size of a plan and its latencies rest on."""

    FORMULA = "formula"
    SIMULATION = "simulation"


class OneFewer(StrEnum):
    """Why a plan has no replica less.

    `fails`: too few requests would keep the limits. `saturates`: the load would exceed what the rest completes, be it only
    with a speed at the low end of its interval. `tie`: the simulation cannot tell. `none`: one replica is the least there
    is. `unchecked`: not simulated.
    """

    FAILS = "fails"
    SATURATES = "saturates"
    TIE = "tie"
    NONE = "none"
    UNCHECKED = "unchecked"


class Attainment(Value):
    """Share of requests that keep the objective with the least margin, as simulated, with its 99 % interval.

    Shares are None without simulation. A replayed trace has no interval: `low` and `high` are its own share. Where the objective is a mean, `target` is None and `simulated` is the share of
    requests below the limit, for information. `one_fewer` is the share with one replica fewer: 0 where those saturate, be
    it only at the low end of the speed's interval, and None where there is none; `one_fewer_nominal` is the share at the
    speed itself. Spares count as down, and the load is the one to size for, headroom included.
    """

    objective: str
    target: float | None
    simulated: float | None = None
    low: float | None = None
    high: float | None = None
    one_fewer: float | None = None
    one_fewer_nominal: float | None = None
    one_fewer_reason: OneFewer = OneFewer.UNCHECKED
    requests: int | None = None


class Schedule(Value):
    """A fleet that follows the hours of a day or a week, beside the static one for the peak hour.

    `replicas_by_hour` serve, `paid_replica_hours` include those that start ahead. Prices are per month of 730 hours;
    None where the price basis cannot be switched on and off by the hour.
    """

    profile: str
    peak_qps: float
    startup_s: float
    replicas_by_hour: tuple[int, ...]
    paid_replica_hours: float
    static_usd_per_month: Decimal
    scheduled_usd_per_month: Decimal | None
    saving_share: float | None
