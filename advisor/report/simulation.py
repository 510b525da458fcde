"""A simulation, arranged for a reader: are the objectives kept, how long requests take, and how the load comes and goes."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from advisor.domain.simulation import Met
from advisor.report import grounds
from advisor.report.document import Block, Chart, Column, Facts, Row, Section, Sentence, Series, Table, Tone
from advisor.report.figures import counted, fine_share, milliseconds, number, seconds, share, signed_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.prediction import Percentiles
    from advisor.domain.simulation import ByFormula, Hours, Kept, Simulation
    from advisor.report.document import Document

_OBJECTIVES = (
    Column("objective", wraps=True),
    Column("asked", right=True),
    Column("within", right=True),
    Column("99 % interval", right=True, yields=1, phrase="99 % interval {}"),
    Column("kept"),
)
_LATENCIES = (
    Column("latency"),
    Column("mean", right=True),
    Column("p50", right=True),
    Column("p95", right=True),
    Column("p99", right=True),
)
_UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))
_HOURS_PER_DAY = 24
_NOT_ALL = 0.9999
_QUEUE = 0.1
"""Share of the slots from which those that wait fill a bar: fewer shall not look like a queue."""


def arrange(answer: Simulation, *, explain: bool) -> Document:
    """Return the report of a simulation."""
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        Sentence(_run(answer), Tone.FAINT),
        *_attainment(answer),
        *_latencies(answer),
        *_timeline(answer),
        *_fleet(answer),
        *grounds.warnings(answer.warnings),
        *grounds.sources(answer.sources, explain=explain),
    )


def where(answer: Simulation) -> str:
    """Return ``8x h100-sxm-80gb``, or ``4 x (2x l40s-48gb)`` where a replica spans GPUs."""
    if answer.tensor_parallel == 1:
        return f"{answer.replicas}x {answer.gpu}"
    replica = f"{answer.tensor_parallel}x {answer.gpu}"
    return replica if answer.replicas == 1 else f"{answer.replicas} x ({replica})"


def headline(answer: Simulation) -> str:
    """Return what runs where under which load."""
    return f"{answer.contender} {answer.precision} on {where(answer)} at {number(answer.qps)} qps"


def simulated(answer: Simulation) -> str:
    """Return what the latencies are, in a few words."""
    return f"simulated from a {answer.speed_basis} speed, not measured"


def _headline(answer: Simulation) -> str:
    verdicts = "; ".join(_verdict(line) for line in answer.attainment)
    overload = f", {share(answer.utilization)} of saturation," if answer.utilization >= 1 else ""
    return f"{headline(answer)}{overload} {verdicts} ({simulated(answer)})."


def _verdict(line: Kept) -> str:
    kept = f"{line.objective} with {within(line.share)} of the requests within it"
    match line.met:
        case Met.YES:
            return f"keeps {kept}"
        case Met.NO:
            return f"misses {kept}"
        case Met.UNDECIDED:
            return f"may keep or miss {kept}"


def _run(answer: Simulation) -> str:
    lengths = f"{number(answer.input_tokens)} tokens in and {number(answer.output_tokens)} tokens out on average"
    return f"Simulated: {answer.requests:,} requests of {answer.workload} ({lengths}), {arrivals(answer)}, seed {answer.seed}."


def arrivals(answer: Simulation) -> str:
    """Return in words when requests arrive."""
    words = {None: "as in the trace", 0.0: "evenly spaced", 1.0: "at random"}
    rhythm = words.get(answer.burstiness) or f"with a squared variation of {answer.burstiness:g} of their gaps"
    return f"arriving {rhythm} over {seconds(answer.simulated_s)}{_along(answer.hours) if answer.hours else ''}"


def _along(hours: Hours) -> str:
    return f" along the {hours.hours} hours of {hours.profile}, simulated as {seconds(hours.hour_s)} each"


def _attainment(answer: Simulation) -> tuple[Block, ...]:
    return Section("Objectives"), Table(_OBJECTIVES, tuple(_kept_row(line) for line in answer.attainment))


def _kept_row(line: Kept) -> Row:
    asked = "mean" if line.target is None else fine_share(line.target)
    interval = f"{within(line.low).removesuffix(' %')} to {within(line.high)}"
    return Row((line.objective, asked, within(line.share), interval, line.met))


def within(fraction: float) -> str:
    """Return a share of requests as a percentage; only all of them are 100 %."""
    return fine_share(min(fraction, _NOT_ALL) if fraction < 1 else fraction)


def _latencies(answer: Simulation) -> tuple[Block, ...]:
    simulated_ms = answer.latency
    rows = [
        _latency_row("ttft", simulated_ms.ttft_ms),
        *([_latency_row("tpot", simulated_ms.tpot_ms)] if simulated_ms.tpot_ms else []),
        _latency_row("ntpot", simulated_ms.ntpot_ms),
        _latency_row("e2e", simulated_ms.e2e_ms),
        *(_formula_rows(answer.formulas) if answer.formulas else []),
    ]
    weak = _weakness(answer.formulas)
    return (
        Section(f"Latency, {simulated(answer)}"),
        Table(_LATENCIES, tuple(rows)),
        *([Sentence(weak, Tone.FAINT)] if weak else []),
    )


def _latency_row(name: str, figures_ms: Percentiles) -> Row:
    each_ms = (figures_ms.mean, figures_ms.p50, figures_ms.p95, figures_ms.p99)
    return Row((name, *(milliseconds(figure_ms) for figure_ms in each_ms)))


def _formula_rows(said: ByFormula) -> list[Row]:
    each_ms = (said.e2e_mean_ms, said.e2e_p95_ms, said.e2e_p99_ms)
    mean, p95, p99 = (milliseconds(figure_ms) for figure_ms in each_ms)
    off, off_p95, off_p99 = map(signed_share, (said.mean_off_share, said.p95_off_share, said.p99_off_share))
    return [Row(("e2e by formula", mean, "-", p95, p99)), Row(("formula off by", off, "-", off_p95, off_p99))]


def _weakness(said: ByFormula | None) -> str:
    if said is None:
        return "  There is no formula for an overloaded fleet."
    return f"  The formulas are weak here: {', '.join(said.weak_because)}." if said.weak_because else ""


def _timeline(answer: Simulation) -> tuple[Block, ...]:
    moments, used, waiting = answer.timeline, answer.slots_used, answer.waiting
    p95_s = [moment.e2e_p95_s for moment in moments if moment.e2e_p95_s is not None]
    series = (
        Series(
            "arrivals",
            tuple(moment.arrival_rps for moment in moments),
            f"up to {number(max(moment.arrival_rps for moment in moments))} qps",
        ),
        Series(
            "slots used",
            tuple(moment.in_service for moment in moments),
            f"up to {used.peak:,} of {answer.slots:,}",
        ),
        Series(
            "waiting",
            tuple(float(moment.waiting_most) for moment in moments),
            f"up to {waiting.peak:,}",
            full=_QUEUE * answer.slots,
        ),
        Series("e2e p95", tuple(moment.e2e_p95_s for moment in moments), f"up to {seconds(max(p95_s, default=0.0))}"),
    )
    return Section("Over time"), Chart(series, _marks(answer))


def _marks(answer: Simulation) -> tuple[tuple[float, str], ...]:
    """Return round times, or hours of the day, three to eight of them."""
    if answer.hours is not None:
        hours = answer.hours.hours
        step = _HOURS_PER_DAY if hours > _HOURS_PER_DAY else _HOURS_PER_DAY // 4
        return tuple((hour / hours, f"{hour} h") for hour in range(0, hours + 1, step))
    unit_s, unit = next((u for u in _UNITS if answer.simulated_s >= 4 * u[0]), _UNITS[-1])
    span = answer.simulated_s / unit_s
    power = 10.0 ** floor(log10(span / 3.0))
    round_step = next(factor * power for factor in (5.0, 2.0, 1.0) if span / (factor * power) >= 3.0)
    return tuple((i * round_step / span, f"{i * round_step:g} {unit}") for i in range(int(span / round_step) + 1))


def _fleet(answer: Simulation) -> tuple[Block, ...]:
    pairs = (
        (
            "engine",
            f"{answer.engine} {answer.engine_version}, {answer.checkpoint} ({answer.precision}, {_kernel(answer)})",
        ),
        ("settings", _settings(answer)),
        ("load", _load(answer)),
        (
            "slots",
            f"{number(answer.slots_used.mean)} used on average, {answer.slots_used.peak:,} at most, of {answer.slots:,}",
        ),
        (
            "waiting",
            f"{number(answer.waiting.mean)} on average, {answer.waiting.peak:,} at most, for a slot or the next iteration",
        ),
        ("speed", f"{answer.speed_basis}, spread of throughput {share(answer.spread)} (one standard deviation)"),
    )
    return Section("Fleet"), Facts(pairs)


def _kernel(answer: Simulation) -> str:
    return answer.kernel.replace("_", "-")


def _settings(answer: Simulation) -> str:
    speculative = f", speculative decoding with {answer.speculative}" if answer.speculative else ""
    return (
        f"{counted(answer.replicas, 'replica')}, tensor parallel {answer.tensor_parallel}, max_num_seqs {answer.max_num_seqs}, "
        f"max_num_batched_tokens {answer.max_num_batched_tokens}{speculative}, {answer.routing} routing"
    )


def _load(answer: Simulation) -> str:
    busiest = answer.hours
    peak = f"; {number(busiest.peak_qps)} qps in the busiest hour, {share(busiest.utilization)}" if busiest else ""
    return (
        f"{number(answer.qps)} qps of {number(answer.saturation_qps)} qps at saturation, utilization "
        f"{share(answer.utilization)}{peak}"
    )


def records(answer: Simulation) -> Iterator[dict[str, object]]:
    """Yield flat records: one of the run, one per objective, one per latency, and one per stretch of time."""
    head = {"latencies_are": answer.latencies_are, "speed_basis": answer.speed_basis.value}
    fields = answer.model_dump(mode="json", exclude={"warnings", "sources", "schema_version", "slo"})
    tables = {name: fields.pop(name) for name in ("attainment", "latency", "timeline")}
    yield {"table": "run", **head, **_flat(fields)}
    for line in tables["attainment"]:
        yield {"table": "objective", **head, **line}
    for name, figures in tables["latency"].items():
        yield {"table": "latency", **head, "latency": name, **(figures or {})}
    for moment in tables["timeline"]:
        yield {"table": "timeline", **head, **moment}


def _flat(fields: dict[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in fields.items():
        flat |= {f"{name}_{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
    return flat
