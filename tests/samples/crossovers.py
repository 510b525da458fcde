"""Hand-made flips, a map and a sensitivity. Every name says `example`, and every number is invented: nothing is evidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.crossover import (
    Axis,
    Cell,
    CostBand,
    CostPoint,
    Crossover,
    CrossoverMap,
    FlipLine,
    Scope,
    ScopeLine,
    Standing,
    StretchLine,
)
from advisor.domain.levers import EndLine, Lever, ModelCost, RangeBasis
from advisor.domain.sensitivity import Sensitivity
from tests.samples.recommendations import CHOSEN, NOW, QUESTION

AR, DIFFUSION = "example-ar-26b", "example-diffusion-26b"
GPU = "example-gpu-80gb"
LOAD = Axis(name="qps", title="load", unit="requests/s", low=1.0, high=64.0, asked_value=8.0)
LENGTH = Axis(name="output-tokens", title="mean output length", unit="tokens", low=50.0, high=800.0, asked_value=200.0)
OLD = Caution(code="stale_price", message="prices of 1 of 2 offers are more than 30 days old, the oldest of 2000-01-02")


def _cost(value: float, contender: str, usd: str, replicas: int) -> CostPoint:
    return CostPoint(
        value=value,
        contender=contender,
        usd_per_hour=Decimal(usd),
        gpu=GPU,
        plan=f"{contender} fp8 on {GPU}, 8 slots",
        replicas=replicas,
        price_basis="on-demand",
        provider="Example Cloud",
        as_of=date(2000, 1, 2),
    )


CROSSOVER = Crossover(
    generated_at=NOW,
    question=QUESTION,
    axis=LOAD,
    summary=f"{DIFFUSION} is cheaper below 5 requests/s, {AR} above (90 % of the 96 % of draws that have a flip: 3 requests/s to 9 requests/s).",
    scopes=(
        ScopeLine(
            scope=Scope.OVERALL,
            name="all",
            stretches=(
                StretchLine(low=1.0, high=4.0, standing=Standing.ALONE, leaders=(DIFFUSION,)),
                StretchLine(low=4.0, high=6.25, standing=Standing.TURNS, leaders=(AR, DIFFUSION)),
                StretchLine(low=6.25, high=48.0, standing=Standing.ALONE, leaders=(AR,)),
                StretchLine(low=48.0, high=64.0, standing=Standing.NONE, leaders=()),
            ),
            flips=(
                FlipLine(
                    value=5.0,
                    low=4.0,
                    high=6.25,
                    below=DIFFUSION,
                    above=AR,
                    changes_model=True,
                    p05=3.0,
                    p50=5.5,
                    p95=9.0,
                    none_share=0.04,
                ),
            ),
            costs=(
                _cost(1.0, DIFFUSION, "2.50", 1),
                _cost(1.0, AR, "3.20", 1),
                _cost(8.0, DIFFUSION, "12.50", 5),
                _cost(8.0, AR, "6.40", 2),
                _cost(64.0, AR, "32.00", 10),
            ),
            bands=(
                CostBand(
                    value=1.0,
                    contender=DIFFUSION,
                    usd_per_hour_p05=Decimal("2.50"),
                    usd_per_hour_p95=Decimal("5.00"),
                ),
                CostBand(value=64.0, contender=AR, usd_per_hour_p05=Decimal("25.60"), usd_per_hour_p95=None),
            ),
        ),
        ScopeLine(
            scope=Scope.GPU,
            name=GPU,
            stretches=(
                StretchLine(low=1.0, high=3.0, standing=Standing.TIE, leaders=(AR, DIFFUSION)),
                StretchLine(low=3.0, high=64.0, standing=Standing.ALONE, leaders=(AR,)),
            ),
            flips=(),
        ),
        ScopeLine(
            scope=Scope.GPU,
            name="example-gpu-24gb",
            stretches=(
                StretchLine(low=1.0, high=12.0, standing=Standing.ALONE, leaders=(DIFFUSION,)),
                StretchLine(low=12.0, high=64.0, standing=Standing.ALONE, leaders=(AR,)),
            ),
            flips=(FlipLine(value=12.0, low=12.0, high=12.0, below=DIFFUSION, above=AR, changes_model=True),),
        ),
    ),
    basis=Basis.MODELED,
    draws=600,
    warnings=(OLD,),
    sources=CHOSEN.sources,
)

_LEADERS = ((AR, False), (AR, False), (DIFFUSION, True), (DIFFUSION, False), (DIFFUSION, False), (None, False))
CROSSOVER_MAP = CrossoverMap(
    generated_at=NOW,
    question=QUESTION,
    across=LOAD,
    up=LENGTH,
    across_values=(1.0, 8.0, 64.0),
    up_values=(50.0, 800.0),
    cells=tuple(
        Cell(
            column=i % 3,
            row=i // 3,
            leader=leader,
            too_close=close,
            usd_per_hour=Decimal("2.50") if leader else None,
            other_usd_per_hour=Decimal("2.55") if close else None,
        )
        for i, (leader, close) in enumerate(_LEADERS)
    ),
    asked_leader=AR,
    shares={AR: 1 / 3, DIFFUSION: 0.5},
    too_close_share=1 / 6,
    basis=Basis.MODELED,
    warnings=(OLD,),
    sources=CHOSEN.sources,
)


def _end(value: float, ar: str | None, diffusion: str | None, leader: str | None) -> EndLine:
    costs = tuple(
        ModelCost(
            model=model,
            usd_per_hour=None if usd is None else Decimal(usd),
            plan=None if usd is None else f"2 x {model} fp8 on {GPU}, 8 slots",
        )
        for model, usd in ((AR, ar), (DIFFUSION, diffusion))
    )
    return EndLine(value=value, costs=costs, leader=leader)


LEVERS = (
    Lever(
        name="e2e",
        title="limit on end-to-end time",
        unit="s",
        asked_value=4.0,
        range_basis=RangeBasis.FACTOR_OF_TWO,
        low=_end(2.0, None, "18.00", DIFFUSION),
        high=_end(8.0, "3.20", "12.50", AR),
        flip_value=3.0,
        flip_to=DIFFUSION,
        flip_ratio=0.75,
    ),
    Lever(
        name="speed:winner",
        title=f"speed of {AR} over its estimate (winner)",
        unit="times the estimate",
        asked_value=1.0,
        range_basis=RangeBasis.SPREAD,
        low=_end(0.7, "9.60", "12.50", AR),
        high=_end(1.4, "3.20", "12.50", AR),
        flip_value=None,
        flip_to=None,
        flip_ratio=None,
    ),
    Lever(
        name="availability",
        title="availability",
        unit="share of the time",
        asked_value=None,
        range_basis=RangeBasis.POLICY,
        low=_end(0.99, "9.60", "15.00", AR),
        high=_end(0.9999, "12.80", "17.50", AR),
        flip_value=None,
        flip_to=None,
        flip_ratio=None,
    ),
)
SENSITIVITY = Sensitivity(
    generated_at=NOW,
    question=QUESTION,
    winner=AR,
    contender=AR,
    plan=f"2 x {AR} fp8 on {GPU}, 8 slots",
    usd_per_hour=Decimal("6.40"),
    rival=DIFFUSION,
    rival_usd_per_hour=Decimal("12.50"),
    levers=LEVERS,
    summary=f"{AR} is the cheapest; the nearest flip is in limit on end-to-end time: at 3 s {DIFFUSION} is over 2 % cheaper.",
    basis=Basis.MODELED,
    warnings=(OLD,),
    sources=CHOSEN.sources,
)
