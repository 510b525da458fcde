"""`advisor simulate`: a plan under a trace or a drawn load, over time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from advisor.cli import reading
from advisor.cli.arrival_options import ArrivalOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.asking import arrivals_of, deployed, served, slo_of, workload_of
from advisor.cli.commanding import Command
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.planned import fleet_of, load_of, plan_in
from advisor.cli.plotting import plotter
from advisor.cli.showing import deliver_file, show
from advisor.cli.simulate_options import (  # noqa: TC001 - likewise
    DrawnOptions,
    FleetOptions,
    JudgedOptions,
    PlanOptions,
    RunOptions,
    TrafficOptions,
)
from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.domain.question import EstimateQuestion
    from advisor.domain.simulation import SimulationQuestion

_OPTION_OF_FIELD = {
    "replicas": "--replicas",
    "qps": "--qps",
    "slo": "--slo",
    "attainment": "--attainment",
    "burstiness": "--burstiness",
    "daily": "--daily-profile",
    "routing": "--routing",
    "requests": "--requests",
    "duration_s": "--duration",
    "seed": "--seed",
}


def simulate(
    *,
    plan: PlanOptions,
    fleet: FleetOptions,
    load: TrafficOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    judged: JudgedOptions,
    run: RunOptions,
    out: DrawnOptions,
    data: EvidenceOptions,
) -> None:
    """Put a fleet under load."""
    draw = plotter(out.plot) if out.plot else None
    question = question_of(
        plan=plan,
        fleet=fleet,
        load=load,
        arrivals=arrivals,
        work=work,
        objectives=objectives,
        judged=judged,
        run=run,
        data=data,
    )
    from advisor.usecases.simulating.simulate import simulate as answer  # noqa: PLC0415 - loaded only for a question that can be read

    found = answer(
        question,
        profiles=data.profiles,
        database=data.db,
        announce=partial(typer.echo, err=True),
        allow_simulated=data.allow_simulated,
    )
    if draw and out.plot:
        deliver_file(draw(found), out.plot)
    show(found, out, explain=out.explain)


def question_of(
    *,
    plan: PlanOptions,
    fleet: FleetOptions,
    load: TrafficOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    judged: JudgedOptions,
    run: RunOptions,
    data: EvidenceOptions,
) -> SimulationQuestion:
    """Return the question that the options ask.

    Raises
    ------
    AdvisorError
        If an option, a plan or a trace cannot be read.
    """
    planned = plan_in(plan.plan)
    workload = workload_of(work, profiles=data.profiles, planned=planned.question.workload if planned else None)
    told = {
        "replicas": fleet.replicas,
        "qps": load.qps,
        **arrivals_of(arrivals, profiles=data.profiles),
        "slo": None if planned and not _limited(objectives) else slo_of(objectives, workload),
        "attainment": judged.attainment,
        **_length(run),
    }
    return _question(
        {**load_of(planned, work, arrivals), **reading.said(told)},
        served({**fleet_of(planned), **reading.said(deployed(fleet))}, workload),
    )


def _limited(objectives: ObjectiveOptions) -> bool:
    limits = (objectives.ttft, objectives.tpot, objectives.ntpot, objectives.e2e, objectives.slo)
    return any(limit is not None for limit in limits)


def _length(run: RunOptions) -> dict[str, Any]:
    if run.requests is not None and run.duration is not None:
        raise InputError("--requests and --duration exclude each other", hint="leave one out")
    return {
        "requests": run.requests,
        "duration_s": reading.seconds(run.duration, option="--duration"),
        "seed": run.seed,
    }


def _question(load: dict[str, Any], replica: EstimateQuestion) -> SimulationQuestion:
    from advisor.domain.simulation import SimulationQuestion  # noqa: PLC0415 - pydantic is loaded when a command runs

    if load.get("qps") is None and not replica.workload.arrival_s:
        raise InputError(
            "missing --qps",
            hint="say how many requests arrive per second, or give a --plan, or a --trace that lasts some time",
        )
    return reading.valid(SimulationQuestion, options=_OPTION_OF_FIELD, served=replica, **load)


COMMAND = Command(
    name="simulate",
    function=simulate,
    help="Simulate a plan under a trace or a drawn load. Latencies, queue and slots in use are shown over time.",
    examples=(
        "advisor simulate --plan plan.json --plot plan.png",
        "advisor simulate --plan plan.json --trace trace.csv",
        "advisor simulate --plan plan.json --replicas 3 --burstiness 4 --duration 10min",
        "advisor simulate --model diffusiongemma --gpu h100 --slots 4 --replicas 8 --qps 20 --e2e 4s --percentile p99",
        "advisor simulate --model gemma-4-26b --gpu h100 --qps 10 --daily-profile servegen-reason-deepseek-r1-day",
    ),
)
