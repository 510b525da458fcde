"""A simulation in the words of the command line, as a value: what other programs ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.cli.arrival_options import ArrivalOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.asked import read_with_files, trace_called
from advisor.cli.asking_again import reading_of
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.simulate import question_of
from advisor.cli.simulate_options import (  # noqa: TC001 - likewise
    FleetOptions,
    JudgedOptions,
    PlanOptions,
    RunOptions,
    TrafficOptions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.simulation import SimulationQuestion


def _read(
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
) -> object:
    return question_of(
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


_COMMAND = reading_of("simulate", _read)


def simulation_in(arguments: Sequence[str]) -> SimulationQuestion:
    """Return the question that the options of `advisor simulate` ask, such as ``("--plan", "plan.json")``.

    A trace may be a `CalledFile`: question and errors then name it as it is called.

    Raises
    ------
    InputError
        If an option is unknown or a value is none, as on the command line.
    LostFileError
        If a `CalledFile` is not there.
    AdvisorError
        What the command itself would say of a question that cannot be read.
    """
    found: SimulationQuestion
    found, files = read_with_files(_COMMAND, arguments)
    trace = files.get("--trace")
    if trace is None:
        return found
    served = found.served.model_copy(update={"workload": trace_called(found.served.workload, trace)})
    return found.model_copy(update={"served": served})
