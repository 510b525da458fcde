"""`advisor sensitivity`: which input changes the winning model, and at which value."""

from __future__ import annotations

from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.commanding import Command
from advisor.cli.crossover_options import DrawOptions, PlottedOptions  # noqa: TC001 - likewise
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.plotting import plotter
from advisor.cli.recommend import question_of
from advisor.cli.recommend_options import CheckOptions, PriceOptions, RiskOptions, ScopeOptions
from advisor.cli.showing import deliver_file, show


def sensitivity(
    *,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: ScopeOptions,
    risk: RiskOptions,
    prices: PriceOptions,
    draw: DrawOptions,
    out: PlottedOptions,
    data: EvidenceOptions,
) -> None:
    """Vary one input at a time."""
    drawn = plotter(out.plot, "sensitivity_plot") if out.plot else None
    question = question_of(
        load=load,
        arrivals=arrivals,
        work=work,
        objectives=objectives,
        scope=scope,
        risk=risk,
        prices=prices,
        check=CheckOptions(no_simulate=True, draws=draw.draws, seed=draw.seed),
        top_n=None,
        today=out.today,
        data=data,
    )
    from advisor.usecases.crossing.sensitivity import sensitivity as answer  # noqa: PLC0415 - loaded only for a question that can be read

    found = answer(question, profiles=data.profiles, database=data.db, allow_simulated=data.allow_simulated)
    if drawn and out.plot:
        deliver_file(drawn(found), out.plot)
    show(found, out, explain=out.explain)


COMMAND = Command(
    name="sensitivity",
    function=sensitivity,
    help="Find which input changes the winning model, and where. Inputs are prices, lengths, steps, limits, load and speeds, "
    "one at a time. Costs are by formula, as with recommend --no-simulate.",
    examples=(
        "advisor sensitivity --qps 20 --workload chat",
        "advisor sensitivity --qps 20 -w chat --e2e 2s --plot tornado.png",
        "advisor sensitivity --qps 5 -w code --price-basis on-demand,1y -f csv -o inputs.csv",
    ),
)
