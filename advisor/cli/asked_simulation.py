"""A simulation in the words of the command line, as a value: what other programs ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from advisor.cli.arrival_options import ArrivalOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.commanding import Command, add
from advisor.cli.failing import UsageError, in_words
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.simulate import question_of
from advisor.cli.simulate_options import (  # noqa: TC001 - likewise
    FleetOptions,
    JudgedOptions,
    PlanOptions,
    RunOptions,
    TrafficOptions,
)
from advisor.errors import InputError

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


_APP = typer.Typer(name="advisor", rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
add(_APP, Command("simulate", _read, "Read a question.", ()))
_COMMAND = typer.main.get_command(_APP)


def simulation_in(arguments: Sequence[str]) -> SimulationQuestion:
    """Return the question that the options of `advisor simulate` ask, such as ``("--plan", "plan.json")``.

    Raises
    ------
    InputError
        If an option is unknown or a value is none, as on the command line.
    AdvisorError
        What the command itself would say of a question that cannot be read.
    """
    try:
        found: SimulationQuestion = _COMMAND.main(list(arguments), prog_name="advisor simulate", standalone_mode=False)
    except UsageError as problem:
        message, hint = in_words(problem)
        raise InputError(message, hint=hint) from None
    return found
