"""A hand-made judgment of the formulas. Every name says `example`, and every number is invented."""

from __future__ import annotations

from advisor.domain.queue_validation import CellErrors, FigureError, QueueValidation
from advisor.domain.routing import Routing
from tests.samples.recommendations import NOW


def _figure(
    median: float, *, reference: tuple[float | None, float | None] = (None, None), target: float | None = None
) -> FigureError:
    return FigureError(
        median=median,
        p90=round(3 * median, 6),
        bias=round(-median / 2, 6),
        noise=round(median / 10, 6),
        reference_median=reference[0],
        reference_p90=reference[1],
        target=target,
    )


def _fleet(
    routing: Routing, station: str | None, replicas: int | None, median: float, *, reference: float | None = None
) -> CellErrors:
    return CellErrors(
        arrivals="Poisson",
        loads="0.5 to 0.85",
        station=station,
        routing=routing,
        replicas=replicas,
        cells=6 if station else 12,
        mean=_figure(round(median / 2, 6), reference=(reference, None)),
        p95=_figure(median, reference=(reference, None)),
        p99=_figure(2 * median, reference=(reference, None)),
    )


QUEUE_VALIDATION = QueueValidation(
    generated_at=NOW,
    lines=(
        CellErrors(
            arrivals="Poisson",
            loads="up to 0.85",
            station=None,
            cells=8,
            mean=_figure(0.0012, reference=(0.001, 0.01), target=0.005),
            p95=_figure(0.0151, reference=(0.015, 0.047), target=0.02),
            p99=_figure(0.0333, reference=(0.018, 0.096), target=0.03),
        ),
        CellErrors(
            arrivals="Poisson",
            loads="up to 0.85",
            station="example K=4",
            cells=8,
            mean=_figure(0.0012),
            p95=_figure(0.0151),
            p99=_figure(0.0333),
        ),
        CellErrors(
            arrivals="CV2=4",
            loads="0.95",
            station=None,
            cells=2,
            mean=_figure(0.02),
            p95=_figure(0.041, target=0.05),
            p99=_figure(0.052),
        ),
    ),
    fleets=(
        _fleet(Routing.LEAST_OUTSTANDING, None, None, 0.012, reference=0.01),
        _fleet(Routing.LEAST_OUTSTANDING, "example K=4", 2, 0.011),
        _fleet(Routing.LEAST_OUTSTANDING, "example K=4", 8, 0.123),
        _fleet(Routing.POWER_OF_TWO, None, None, 0.03),
        _fleet(Routing.POWER_OF_TWO, "example K=4", 2, 0.031),
    ),
    requests=12_345_678,
    seed=0,
    quick=True,
    notes=("Everything here is invented.",),
)
