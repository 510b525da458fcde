"""`advisor crossover`: at which load, length, limit or price another contender becomes the cheaper one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.cli import reading
from advisor.cli.arrival_options import ArrivalOptions, LoadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.commanding import Command
from advisor.cli.crossover_options import AxisOptions, DrawOptions, PlottedOptions  # noqa: TC001 - likewise
from advisor.cli.options import EvidenceOptions, ObjectiveOptions, WorkloadOptions  # noqa: TC001 - likewise
from advisor.cli.plotting import plotter
from advisor.cli.quality_options import PassFloorOptions  # noqa: TC001 - likewise
from advisor.cli.recommend import question_of
from advisor.cli.recommend_options import CheckOptions, PriceOptions, RiskOptions, ScopeOptions
from advisor.cli.showing import deliver_file, show
from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.crossover import Crossover, CrossoverMap, Scope
    from advisor.domain.question import Question

    Range = tuple[float, float]

USUAL_AXIS = "qps"
MOST_AXES = 2
USUAL_POINTS = 64
FEWEST_POINTS, MOST_POINTS = 2, 512


def crossover(
    *,
    axes: AxisOptions,
    load: LoadOptions,
    arrivals: ArrivalOptions,
    work: WorkloadOptions,
    objectives: ObjectiveOptions,
    scope: ScopeOptions,
    floor: PassFloorOptions,
    risk: RiskOptions,
    prices: PriceOptions,
    draw: DrawOptions,
    out: PlottedOptions,
    data: EvidenceOptions,
) -> None:
    """Find flips along one axis, or draw the map of two."""
    named = axes_of(axes.axis)
    ranges = ranges_of(axes.within, named)
    scopes, points = scopes_of(axes.by, named), points_of(axes.points, named)
    drawn = plotter(out.plot, "crossover_plot") if out.plot else None
    question = question_of(
        load=load,
        arrivals=arrivals,
        work=work,
        objectives=objectives,
        scope=scope,
        quality=floor,
        risk=risk,
        prices=prices,
        check=CheckOptions(no_simulate=True, draws=draw.draws, seed=draw.seed),
        top_n=None,
        today=out.today,
        data=data,
    )
    found: Crossover | CrossoverMap
    if len(named) == MOST_AXES:
        found = _map(question, named, ranges, points, data)
    else:
        found = _flips(question, named[0], ranges[0], scopes, data)
    if drawn and out.plot:
        deliver_file(drawn(found), out.plot)
    show(found, out, explain=out.explain)


def _flips(
    question: Question, axis: str, within: Range | None, scopes: Sequence[Scope], data: EvidenceOptions
) -> Crossover:
    from advisor.usecases.crossing.crossover import crossover as answer  # noqa: PLC0415 - loaded only for a question that can be read

    return answer(
        question,
        axis,
        within=within,
        scopes=scopes,
        profiles=data.profiles,
        database=data.db,
        allow_simulated=data.allow_simulated,
    )


def _map(
    question: Question, axes: Sequence[str], within: Sequence[Range | None], points: int, data: EvidenceOptions
) -> CrossoverMap:
    from advisor.usecases.crossing.mapping import crossover_map  # noqa: PLC0415 - loaded only for a question that can be read

    return crossover_map(
        question,
        (axes[0], axes[1]),
        within=(within[0], within[1]),
        points=points,
        profiles=data.profiles,
        database=data.db,
        allow_simulated=data.allow_simulated,
    )


def axes_of(texts: Sequence[str] | None) -> tuple[str, ...]:
    """Return the axes that are asked for, else the load.

    Raises
    ------
    InputError
        If one is named twice, or none is.
    """
    named = reading.names(texts, option="--axis") or (USUAL_AXIS,)
    pieces = [piece.strip().lower() for text in texts or () for piece in text.split(",") if piece.strip()]
    twice = next((piece for piece in pieces if pieces.count(piece) > 1), None)
    if twice:
        raise InputError(f"--axis {twice} is named twice", hint="give two different axes, or one")
    return named


def ranges_of(texts: Sequence[str] | None, axes: Sequence[str]) -> list[Range | None]:
    """Return the range of each axis, None where none is told.

    Raises
    ------
    InputError
        If there are more ranges than axes, more than two axes, or a range cannot be read.
    """
    if len(axes) > MOST_AXES:
        raise InputError(f"{len(axes)} axes are too many", hint="one axis gives flips, two give a map")
    told = [_range(text, axis) for text, axis in zip(texts or (), axes, strict=False)]
    if len(texts or ()) > len(axes):
        raise InputError("there are more --range than --axis", hint="give each axis one range, in the same order")
    return [*told, *[None] * (len(axes) - len(told))]


def _range(text: str, axis: str) -> Range:
    from advisor.domain.slo import Metric, parse_duration_s  # noqa: PLC0415 - pydantic is loaded when a command runs

    low, _, high = text.partition(":")
    try:
        if axis.strip().lower() in set(Metric):
            return parse_duration_s(low), parse_duration_s(high)
        return float(low), float(high)
    except (ValueError, InputError):
        raise InputError(f"--range: cannot read {text!r}", hint="write --range LOW:HIGH, such as 1:500") from None


def scopes_of(texts: Sequence[str] | None, axes: Sequence[str]) -> tuple[Scope, ...]:
    """Return the scopes that are asked for, else overall and by GPU type.

    Raises
    ------
    InputError
        If one is unknown, or a map is asked for, which is of all plans.
    """
    from advisor.domain.crossover import USUAL_SCOPES, Scope  # noqa: PLC0415 - pydantic is loaded when a command runs

    named = reading.names(texts, option="--by")
    if named and len(axes) == MOST_AXES:
        raise InputError(
            "--by does not go with two axes", hint="a map is of all plans; --gpus and --price-basis narrow it"
        )
    unknown = [name for name in named if name not in set(Scope)]
    if unknown:
        raise InputError(f"--by: unknown scope {unknown[0]!r}", hint=f"use {', '.join(Scope)}")
    return tuple(Scope(name) for name in named) or USUAL_SCOPES


def points_of(points: int | None, axes: Sequence[str]) -> int:
    """Return the points along each axis of a map.

    Raises
    ------
    InputError
        If there are too few or too many, or no map is asked for.
    """
    if points is not None and len(axes) < MOST_AXES:
        raise InputError("--points is for maps", hint="give a second --axis, or leave it out")
    if points is not None and not FEWEST_POINTS <= points <= MOST_POINTS:
        raise InputError(f"--points {points} is out of range", hint=f"from {FEWEST_POINTS} to {MOST_POINTS}")
    return USUAL_POINTS if points is None else points


COMMAND = Command(
    name="crossover",
    function=crossover,
    help="Find where another contender becomes the cheaper one. The axis is a load, length, limit or price; two axes give a "
    "map. Costs are by formula, as with recommend --no-simulate.",
    examples=(
        "advisor crossover --qps 20 --workload chat",
        "advisor crossover --qps 20 -w chat --axis output-tokens --range 32:4096",
        "advisor crossover --qps 20 -w chat --axis e2e --range 500ms:8s --by gpu",
        "advisor crossover --qps 20 -w chat --axis price:h100-sxm --by overall,basis --price-basis all",
        "advisor crossover --qps 20 -w chat --e2e 2s --axis qps --axis output-tokens --plot map.png",
    ),
)
