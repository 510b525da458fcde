"""`advisor next`: what to measure before deciding, and when to stop."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import typer

from advisor.cli import progress
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.commanding import Command
from advisor.cli.next_options import LookaheadOptions, NextOutputOptions, WorthOptions  # noqa: TC001 - likewise
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.quality_options import PassFloorOptions  # noqa: TC001 - likewise
from advisor.cli.recommend import question_of
from advisor.cli.recommend_options import PriceOptions, RiskOptions, ScopeOptions  # noqa: TC001 - likewise
from advisor.cli.showing import deliver_file, show
from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.domain.question import Question


def next_(
    *,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: ScopeOptions,
    floor: PassFloorOptions,
    risk: RiskOptions,
    prices: PriceOptions,
    check: LookaheadOptions,
    worth: WorthOptions,
    out: NextOutputOptions,
    data: EvidenceOptions,
) -> None:
    """Say what to measure next."""
    question = question_of(
        load=load,
        arrivals=arrivals,
        work=work,
        objectives=objectives,
        scope=scope,
        quality=floor,
        risk=risk,
        prices=prices,
        check=check,
        top_n=None,
        today=out.today,
        data=data,
    )
    from advisor.usecases.measuring_next.measurement import next_measurement as answer  # noqa: PLC0415 - loaded only for a question that can be read

    with progress.line("simulating") as say:
        found = answer(
            looking_ahead(question, draws=check.draws),
            profiles=data.profiles,
            database=data.db,
            allow_simulated=data.allow_simulated,
            horizon_months=horizon_months(worth.horizon_months),
            say=say,
        )
    show(found.answer, out, explain=out.explain)
    if worth.write_campaign is None:
        return
    if found.campaign_text:
        deliver_file(found.campaign_text.encode("utf-8"), worth.write_campaign)
    else:
        typer.echo(f"{worth.write_campaign} is not written: {found.answer.verdict}", err=True)


def looking_ahead(question: Question, *, draws: int | None) -> Question:
    """Return a question with the draws that looking ahead needs, unless so many were asked for."""
    from advisor.domain.next_measurement import LOOKAHEAD_DRAWS  # noqa: PLC0415 - pydantic is loaded when a command runs

    return question if draws is not None else question.model_copy(update={"draws": LOOKAHEAD_DRAWS})


def horizon_months(asked: float | None) -> float:
    """Return the horizon asked for, else the usual one.

    Raises
    ------
    InputError
        If it is no positive number of months.
    """
    from advisor.domain.next_measurement import USUAL_HORIZON_MONTHS  # noqa: PLC0415 - likewise

    months = USUAL_HORIZON_MONTHS if asked is None else asked
    if not (isfinite(months) and 0.0 < months <= MOST_MONTHS):
        raise InputError(
            f"--horizon-months {months:g} is no horizon", hint=f"say more than 0 and up to {MOST_MONTHS:g} months"
        )
    return months


MOST_MONTHS = 120.0
"""Ten years: no GPU price lasts longer."""

COMMAND = Command(
    name="next",
    function=next_,
    help="Say what to measure before deciding, and when to stop.",
    examples=(
        "advisor next --qps 50 --workload chat",
        "advisor next --qps 20 -w chat --gpus h100,l40s --gpu-cost H100=2.10 --horizon-months 6",
        "advisor next --qps 50 -w chat --write-campaign next.yaml",
    ),
)
