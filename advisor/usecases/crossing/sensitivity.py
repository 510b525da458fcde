"""`advisor sensitivity`: which input changes the winning model, and at which value."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import inf, log, sqrt
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.domain.answer import Caution
from advisor.domain.levers import EndLine, Lever, ModelCost
from advisor.domain.sensitivity import Sensitivity
from advisor.errors import InputError
from advisor.planning.ranking import TIE_SHARE
from advisor.usecases.crossing.axes import axis_of
from advisor.usecases.crossing.costs import lots_of, stalls_of
from advisor.usecases.crossing.entry_plans import plan_of, sources_behind, warnings_of, weakest_basis
from advisor.usecases.crossing.levers import Stage, inputs_of
from advisor.usecases.crossing.points import ALL, Field, Points
from advisor.usecases.deciding import nothing_feasible
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.market import Market

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from advisor.domain.answer import Recommendation
    from advisor.domain.question import Question
    from advisor.usecases.crossing.costs import Standing
    from advisor.usecases.crossing.levers import Input
    from advisor.usecases.grounding.shipped import Shipped

NARROW = 1.01
"""Ratio to which a flip is narrowed down."""

CENT = Decimal("0.01")


def sensitivity(
    question: Question, *, profiles: Path | None, database: str | None, allow_simulated: bool = False
) -> Sensitivity:
    """Return what each input does to the choice of the model, the input whose flip is nearest first.

    Costs are by formula, whatever the question says of simulations.

    Raises
    ------
    InfeasibleError
        If nothing meets the objectives as asked.
    InputError
        If no other model can do it within any range, so that there is nothing to choose.
    """
    question = question.model_copy(update={"simulate": False})
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    market = Market.of(question, shipped)
    stage = stage_of(market, shipped)
    levers = levers_of(stage)
    plans = [plan_of(standing, question) for _, standing in stage.sides]
    winner = plans[0]
    points = Points(axis_of("qps", market, shipped), market, shipped)
    return Sensitivity(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        question=question,
        winner=winner.deployment.model.name,
        contender=winner.deployment.contender,
        plan=f"{winner.replicas} x {winner.deployment.label}",
        usd_per_hour=winner.fleet.usd_per_hour.quantize(CENT),
        rival=plans[1].deployment.model.name if stage.rival else None,
        rival_usd_per_hour=plans[1].fleet.usd_per_hour.quantize(CENT) if stage.rival else None,
        levers=levers,
        summary=_summary(levers, winner.deployment.model.name),
        basis=weakest_basis(plans),
        warnings=warnings_of(points, plans),
        sources=sources_behind(plans),
    )


def with_sensitivity(
    answer: Recommendation, *, profiles: Path | None, database: str | None, allow_simulated: bool = False
) -> Recommendation:
    """Return a recommendation with what each input does to its choice.

    Where formulas alone choose another model than the answer does, a warning says so in the place of the inputs.

    Raises
    ------
    InputError
        If only one model is compared.
    """
    question = answer.question.model_copy(update={"simulate": False})
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    winner = answer.decision.candidate.model
    stage = stage_of(Market.of(question, shipped), shipped, winner=winner)
    chosen = _leader(stage.base, winner)
    if chosen == winner:
        return answer.model_copy(update={"sensitivity": levers_of(stage)})
    caution = Caution(
        code="sensitivity",
        message=f"no sensitivity: formulas alone choose {chosen}, and flips are looked for by formula",
    )
    return answer.model_copy(update={"warnings": (*answer.warnings, caution)})


def stage_of(market: Market, shipped: Shipped, *, winner: str | None = None) -> Stage:
    """Return a market with the cheapest plan of the winning model and that of the best other one, by formula.

    `winner` is the model that was chosen; None means the cheapest.

    Raises
    ------
    InfeasibleError
        If nothing meets the objectives.
    InputError
        If only one model is compared.
    """
    question = market.question
    base = Field(stalls_of(market, lots_of(market, question.limits, hints={})), question)
    best = _by_model(base)
    if not best:
        market.plans()  # fills in why each deployment drops out
        raise nothing_feasible(question, market.rejected, market.curves, unlimited=None)
    if len(market.models) < 2:
        raise InputError("only one model is compared: nothing can flip", hint="name two in --models, or none")
    name = winner if winner in best else min(best, key=lambda model: best[model].usd)
    others = [standing for model, standing in best.items() if model != name]
    return Stage(market, shipped, best[name], min(others, key=lambda one: one.usd, default=None), base)


def _by_model(at: Field) -> dict[str, Standing]:
    """Return the cheapest plan of each model that can do it."""
    found: dict[str, Standing] = {}
    for stalls in at.contenders(ALL).values():
        standing = stalls.cheapest(at.rate_rps)
        if standing is not None:
            model = standing.lot.deployment.model.name
            found[model] = min(found.get(model, standing), standing, key=lambda one: one.usd)
    return found


def levers_of(stage: Stage) -> tuple[Lever, ...]:
    """Return what each input does, the one whose flip is nearest to the asked value first."""
    found = [_lever(one, stage) for one in inputs_of(stage)]
    return tuple(sorted(found, key=_farness))


def _farness(lever: Lever) -> float:
    if lever.flip_value is None:
        return inf
    return abs(log(lever.flip_ratio)) if lever.flip_ratio else inf


def _lever(one: Input, stage: Stage) -> Lever:
    winner = stage.winner.lot.deployment.model.name
    flips = [found for end in (one.low_place, one.high_place) if (found := _flip(one, end, winner)) is not None]
    place, to = min(flips, key=lambda flip: abs(log(flip[0] / one.asked_place)), default=(None, None))
    return Lever(
        name=one.name,
        title=one.title,
        unit=one.unit,
        asked_value=one.shown(one.asked_place) if one.has_value else None,
        range_basis=one.range_basis,
        low=_end(one, one.low_place, stage, winner),
        high=_end(one, one.high_place, stage, winner),
        flip_value=None if place is None else one.shown(place),
        flip_to=to,
        flip_ratio=place / one.asked_place if place is not None and one.has_value else None,
    )


def _flip(one: Input, end: float, winner: str) -> tuple[float, str | None] | None:
    """Return where the winner loses between the asked place and an end, and to whom; None where it does not.

    Looked at are even steps from the asked place to the end, in logarithms: a loss and a return between two is not seen.
    """
    kept = one.asked_place
    steps = [kept * (end / kept) ** (i / one.looks) for i in range(1, one.looks)]
    for lost in (*steps, end):
        leader = _leader(one.at(lost), winner)
        if leader != winner:
            return _narrowed(one, kept, lost, winner, leader)
        kept = lost
    return None


def _narrowed(one: Input, kept: float, lost: float, winner: str, leader: str | None) -> tuple[float, str | None]:
    while abs(log(lost / kept)) > log(NARROW):
        middle = sqrt(kept * lost)
        found = _leader(one.at(middle), winner)
        if found == winner:
            kept = middle
        else:
            lost, leader = middle, found
    return lost, leader


def _leader(at: Field, winner: str) -> str | None:
    """Return the model that is cheapest, the winner where it ties with it; None where none can do it."""
    leading = at.entries(ALL).leading(at.rate_rps)
    models = [standing.lot.deployment.model.name for standing in leading.values()]
    return winner if winner in models else next(iter(models), None)


def _end(one: Input, place: float, stage: Stage, winner: str) -> EndLine:
    best = _by_model(one.at(place))
    least = min((standing.usd for standing in best.values()), default=inf)
    cheapest = next((model for model, standing in best.items() if standing.usd == least), None)
    ties = winner in best and best[winner].usd <= least * (1 + TIE_SHARE)
    return EndLine(
        value=one.shown(place),
        costs=tuple(_costs(best, stage)),
        leader=winner if ties else cheapest,
    )


def _costs(best: Mapping[str, Standing], stage: Stage) -> Iterator[ModelCost]:
    for model in stage.market.models:
        standing = best.get(model.name)
        yield ModelCost(
            model=model.name,
            usd_per_hour=Decimal(repr(standing.usd)).quantize(CENT) if standing else None,
            plan=_plan(standing) if standing else None,
        )


def _plan(standing: Standing) -> str:
    deployment = standing.lot.deployment
    return f"{standing.replicas} x {deployment.layout}, {standing.lot.slots} slots"


def _summary(levers: tuple[Lever, ...], winner: str) -> str:
    flipping = [lever for lever in levers if lever.flip_value is not None]
    if not flipping:
        return f"{winner} stays the cheapest whatever single input moves within its range."
    nearest = flipping[0]
    where = f"{float(f'{nearest.flip_value:.3g}'):g} {nearest.unit}"
    to = f"{nearest.flip_to} is over 2 % cheaper" if nearest.flip_to else f"{winner} cannot do it"
    return f"{winner} is the cheapest; the nearest flip is in {nearest.title}: at {where} {to}."
