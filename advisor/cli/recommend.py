"""`advisor recommend`: the cheapest way to serve a load within its objectives."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer

from advisor.cli import progress, reading
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.asking import arrivals_of, slo_of, workload_of
from advisor.cli.commanding import Command, Options
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.quality import terms_of
from advisor.cli.quality_options import PassFloorOptions, QualityOptions  # noqa: TC001 - likewise
from advisor.cli.recommend_options import (  # noqa: TC001 - likewise
    AnswerOptions,
    CheckOptions,
    PriceOptions,
    RiskOptions,
    ScopeOptions,
)
from advisor.cli.showing import show
from advisor.errors import ConfidenceError, InputError

if TYPE_CHECKING:
    from advisor.domain.question import Question


_OPTION_OF_FIELD = {
    "qps": "--qps",
    "slo": "--slo",
    "precisions": "--precision",
    "own_usd_per_gpu_hour": "--gpu-cost",
    "min_quality": "--min-quality",
    "max_gpus": "--max-gpus",
    "headroom": "--headroom",
    "max_price_age_days": "--max-price-age",
    "top_n": "--top-n",
    "burstiness": "--burstiness",
    "daily": "--daily-profile",
    "routing": "--routing",
    "attainment": "--attainment",
    "spares": "--spares",
    "availability": "--availability",
    "startup_s": "--startup",
    "draws": "--draws",
    "seed": "--seed",
}


def recommend(
    *,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: ScopeOptions,
    quality: QualityOptions,
    risk: RiskOptions,
    prices: PriceOptions,
    check: CheckOptions,
    out: AnswerOptions,
    data: EvidenceOptions,
) -> None:
    """Answer one question about a load."""
    question = question_of(
        load=load,
        arrivals=arrivals,
        work=work,
        objectives=objectives,
        scope=scope,
        quality=quality,
        risk=risk,
        prices=prices,
        check=check,
        top_n=out.top_n,
        today=out.today,
        data=data,
    )
    from advisor.usecases.recommend import recommend as answer  # noqa: PLC0415 - loaded only for a question that can be read
    from advisor.usecases.remembering import remember  # noqa: PLC0415 - likewise

    wanted = reading.basis(out.min_basis, allow_simulated=data.allow_simulated)
    with progress.line("simulating") as say:
        found = answer(
            question, profiles=data.profiles, database=data.db, allow_simulated=data.allow_simulated, say=say
        )
    if out.sensitivity:
        from advisor.usecases.crossing.sensitivity import with_sensitivity  # noqa: PLC0415 - loaded only where it is asked for

        found = with_sensitivity(found, profiles=data.profiles, database=data.db, allow_simulated=data.allow_simulated)
    show(found, out, explain=out.explain)
    remember(found, database=data.db, complain=_warn)
    if out.open_it:
        groups = (load, arrivals, work, objectives, scope, quality, risk, prices, check, out)
        _open(groups, simulate=not check.no_simulate, data=data)
    if found.decision.candidate.basis.weaker_than(wanted):
        raise ConfidenceError(
            f"the chosen plan is {found.decision.candidate.basis}, {wanted} was asked for",
            hint="measure it on your own GPUs, or accept weaker evidence with --min-basis",
        )


def _open(groups: tuple[Options, ...], *, simulate: bool, data: EvidenceOptions) -> None:
    """Show the question in the dashboard."""
    from advisor.cli.dashboard_server import show_link  # noqa: PLC0415 - loaded only where a browser is wanted
    from advisor.cli.links import link_of  # noqa: PLC0415 - likewise

    link, left_out = link_of(groups, simulate=simulate)
    if left_out:
        _warn(f"the dashboard does not take {', '.join(left_out)} from a link; enter it there")
    show_link(link, data)


def question_of(
    *,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: ScopeOptions,
    quality: PassFloorOptions | None = None,
    risk: RiskOptions,
    prices: PriceOptions,
    check: CheckOptions,
    top_n: int | None,
    today: str | None,
    data: EvidenceOptions,
) -> Question:
    """Return the question that the options ask."""
    plain = {
        **_load(load),
        **arrivals_of(arrivals, profiles=data.profiles),
        **_scope(scope),
        "quality": quality and terms_of(quality, profiles=data.profiles),
        **_risk(risk),
        **_prices(prices),
        "simulate": not check.no_simulate,
        "draws": check.draws,
        "seed": check.seed,
        "top_n": top_n,
        "today": reading.iso_date(today),
    }
    return _question(plain, work, objectives, data)


def _warn(trouble: str) -> None:
    typer.echo(f"warning: {trouble}", err=True)


def _question(
    plain: dict[str, Any], work: WorkloadOptions, objectives: ObjectiveOptions, data: EvidenceOptions
) -> Question:
    from advisor.domain.question import Question  # noqa: PLC0415 - pydantic is loaded when a command runs

    workload = workload_of(work, profiles=data.profiles)
    slo = slo_of(objectives, workload)
    return reading.valid(Question, options=_OPTION_OF_FIELD, workload=workload, slo=slo, **plain)


def _load(load: LoadOptions) -> dict[str, Any]:
    if load.qps is None:
        raise InputError("missing --qps", hint="say how many requests arrive per second, for example --qps 50")
    return {"qps": load.qps}


def _scope(scope: ScopeOptions) -> dict[str, Any]:
    return {
        "models": reading.names(scope.models, option="--models"),
        "gpus": reading.names(scope.gpus, option="--gpus"),
        "precisions": tuple(name.lower() for name in reading.names(scope.precision, option="--precision")) or None,
        "min_quality": reading.pairs(
            scope.min_quality, option="--min-quality", example="mmlu-pro=75", separators="=", read=float
        ),
        "max_gpus": scope.max_gpus,
        "headroom": scope.headroom,
    }


def _risk(risk: RiskOptions) -> dict[str, Any]:
    if risk.spares is not None and risk.availability is not None:
        raise InputError(
            "--spares and --availability exclude each other",
            hint="leave one out: --availability finds out how many spares it takes",
        )
    return {
        "attainment": risk.attainment,
        "spares": risk.spares,
        "availability": risk.availability,
        "startup_s": reading.seconds(risk.startup, option="--startup"),
    }


def _prices(prices: PriceOptions) -> dict[str, Any]:
    return {
        "price_bases": reading.price_bases(prices.price_basis) or None,
        "own_usd_per_gpu_hour": reading.pairs(
            prices.gpu_cost, option="--gpu-cost", example="H100=4.50", separators="=:", read=Decimal
        ),
        "include_marketplace": prices.include_marketplace,
        "include_secondary": prices.include_secondary,
        "max_price_age_days": prices.max_price_age,
    }


COMMAND = Command(
    name="recommend",
    function=recommend,
    help="Find the cheapest model, GPU and settings for a load. Every figure says how it is known.",
    examples=(
        "advisor recommend --qps 50 --workload chat",
        "advisor recommend --qps 5 --isl 800 --osl 300 --e2e 4s --percentile p99 --gpus h100,l40s",
        "advisor recommend --qps 20 -w chat --price-basis on-demand,1y --gpu-cost H100=2.10 --explain",
        "advisor recommend --qps 20 --burstiness 4 --daily-profile servegen-language-large-week --spares 1 --startup 5min",
        "advisor recommend --qps 20 -w chat --success-benchmark mmlu-pro --mistake-usd 0.01",
        "advisor recommend --qps 20 -w chat --slo 'ttft:p95<500ms;e2e:p99<4s' -f json -o answer.json",
    ),
)
