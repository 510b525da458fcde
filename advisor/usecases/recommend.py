"""`advisor recommend`: the cheapest way to serve a load within its objectives, and how that is known."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.domain.answer import Recommendation
from advisor.errors import InputError
from advisor.planning.ranking import ranked
from advisor.usecases.candidates import candidate_of, operations_of
from advisor.usecases.cautions import cautions
from advisor.usecases.deciding import decide, nothing_feasible
from advisor.usecases.explaining import explain
from advisor.usecases.grounding.shipped import Shipped, open_profiles
from advisor.usecases.market import Market
from advisor.usecases.remembering import evidence_digest
from advisor.usecases.scope import quality_of
from advisor.usecases.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from advisor.domain.answer import Candidate, CitedSource
    from advisor.domain.knowledge import Knowledge
    from advisor.domain.question import Question
    from advisor.usecases.plans import Plan


def recommend(
    question: Question,
    *,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
    known: Knowledge | None = None,
    say: Callable[[str], None] | None = None,
) -> Recommendation:
    """Return the cheapest plan over all models, GPUs, precisions, layouts, slots and offers that the question allows.

    Each plan is named to `say` before it is simulated. `allow_simulated` lets runs of the demo engine count as evidence.
    `known` limits the user's rows and runs to those that an earlier answer knew.

    Raises
    ------
    UnknownNameError
        If a model, GPU or benchmark is unknown.
    InfeasibleError
        If nothing meets the objectives; the hint names the smallest change that would.
    InputError
        If a larger share of requests is asked for than the simulation can confirm.
    """
    check_confirmable(question)
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated, known=known)
    if question.quality is None and not question.min_quality:
        return _recommended(question, shipped, say)
    from advisor.usecases.qualifying.quality import qualified  # noqa: PLC0415 - loaded only where quality is asked for

    return qualified(question, shipped, ask=lambda asked: _recommended(asked, shipped, say))


def _recommended(question: Question, shipped: Shipped, say: Callable[[str], None] | None) -> Recommendation:
    market = Market.of(question, shipped)
    plans = market.plans(say)
    if not plans:
        raise nothing_feasible(question, market.rejected, market.curves, unlimited=_unlimited(question, shipped))
    return _answer(question, market, plans, shipped)


MOST_CONFIRMED = 0.9999
"""Largest share that as many requests as are simulated for a plan can confirm."""


def check_confirmable(question: Question) -> None:
    """Refuse a larger share of requests than the simulation can confirm.

    Raises
    ------
    InputError
        If it is larger, and plans are to be simulated.
    """
    asked = max((limit.percentile or 0.0 for limit in question.limits), default=0.0)
    if question.simulate and asked > MOST_CONFIRMED:
        raise InputError(
            f"a share of {asked * 100:.8g} % of requests is more than the simulation can confirm",
            hint=f"ask for {MOST_CONFIRMED * 100:g} % at most, or for formulas alone with --no-simulate",
        )


def _unlimited(question: Question, shipped: Shipped) -> Plan | None:
    """Return the plan that formulas would choose if `--max-gpus` did not stand in the way."""
    if question.max_gpus is None:
        return None
    market = Market.of(question.model_copy(update={"max_gpus": None, "simulate": False}), shipped)
    return next(iter(ranked(chain.from_iterable(market.plans().values()))), None)


def _answer(question: Question, market: Market, plans: dict[str, list[Plan]], shipped: Shipped) -> Recommendation:
    standing = Standing.of(market, plans)
    winner, other = standing.winner, standing.other
    drawn = market.outlooks(standing.listed)
    candidates = {
        id(plan): candidate_of(plan, market.schedule_of(plan), drawn.outlook(plan) if drawn else None)
        for plan in standing.listed
    }
    return Recommendation(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        question=question,
        decision=decide(winner, other, candidates, rejected=market.rejected, models=market.models),
        certainty=drawn.certainty(winner) if drawn else None,
        candidates=tuple(candidates[id(plan)] for plan in standing.shown),
        best_by_model={name: candidates[id(plan)] if plan else None for name, plan in standing.best.items()},
        best_by_contender={
            name: candidates[id(plans[name][0])] if name in plans else None for name in sorted(market.fitting)
        },
        rejected=tuple(market.rejected),
        quality=quality_of(market.models),
        explanation=(*explain(winner), *(explain(other) if other else ())),
        warnings=cautions(
            question,
            plans=[plan for plan in (winner, other) if plan],
            listed=standing.listed,
            shown=list(candidates.values()),
            models=market.models,
            evidence=market.evidence,
        ),
        sources=_sources(candidates.values(), operations_of(question, market.operations)),
        deployments_considered=market.considered,
        evidence_digest=evidence_digest(shipped),
        known=shipped.known,
    )


def _sources(candidates: Iterable[Candidate], operations: tuple[CitedSource, ...]) -> tuple[CitedSource, ...]:
    """Return everything that is cited, each once."""
    cited = (*chain.from_iterable(candidate.sources for candidate in candidates), *operations)
    return tuple({(source.kind, source.title, source.url): source for source in cited}.values())
