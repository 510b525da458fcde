"""The answer to `validate queueing`: how wrong the queueing formulas are beside an event simulation."""

from advisor.domain.answer import Answer
from advisor.domain.routing import Routing
from advisor.domain.value import Value


class FigureError(Value):
    """Error of one figure of the formulas over some cells: relative to the simulation, absolute for median and p90.

    `noise` is the median standard error of the simulated figure itself. `reference_median` and `reference_p90` are what the
    study behind these formulas found, against its own simulation; `target` is the median that is asked for.
    """

    median: float
    p90: float
    bias: float
    noise: float
    reference_median: float | None = None
    reference_p90: float | None = None
    target: float | None = None


class CellErrors(Value):
    """Errors over a group of cells: one station, or several behind a router. None: over all of them."""

    arrivals: str
    loads: str
    station: str | None
    routing: Routing | None = None
    replicas: int | None = None
    cells: int
    mean: FigureError
    p95: FigureError
    p99: FigureError


class QueueValidation(Answer):
    """The answer to `validate queueing`. `lines` are about one replica, `fleets` about several behind a router."""

    lines: tuple[CellErrors, ...]
    fleets: tuple[CellErrors, ...]
    requests: int
    seed: int
    quick: bool
    notes: tuple[str, ...]
