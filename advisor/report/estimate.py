"""An estimate, arranged for a reader: does it fit, and how fast is it at each concurrency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report import grounds
from advisor.report.document import Block, Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import gib, milliseconds, number, seconds, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.answer import Estimate, EstimatePoint
    from advisor.report.document import Document

_COLUMNS = (
    Column("in flight", right=True),
    Column("in service", right=True, yields=3, phrase="{} in service"),
    Column("output tok/s", right=True),
    Column("requests/s", right=True, yields=1, phrase="{} requests/s"),
    Column("ttft mean", right=True),
    Column("tpot mean", right=True, yields=2, phrase="tpot mean {}"),
    Column("ntpot mean", right=True),
    Column("e2e mean", right=True),
    Column("basis"),
    Column("spread", right=True, yields=4, phrase="spread {}"),
)


def arrange(answer: Estimate, *, explain: bool) -> Document:
    """Return the report of an estimate."""
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        *_deployment(answer),
        *_memory(answer),
        *_points(answer),
        *grounds.warnings(answer.warnings),
        *grounds.sources(answer.sources, explain=explain),
    )


def _where(answer: Estimate) -> str:
    return answer.gpu if answer.tensor_parallel == 1 else f"{answer.tensor_parallel}x {answer.gpu}"


def _headline(answer: Estimate) -> str:
    what = f"{answer.contender} {answer.precision} on {_where(answer)}"
    if not answer.memory.fits:
        needed = answer.memory.weights_bytes + answer.memory.reserved_bytes + answer.memory.kv_bytes_per_request
        return f"{what} does not fit: it needs {gib(needed)} for one request, {gib(answer.memory.usable_bytes)} are usable."
    if not answer.points:
        return f"{what} fits with {answer.memory.slots_limit} slots."
    peak = max(answer.points, key=lambda point: point.output_tok_s)
    return (
        f"{what}: up to {number(peak.output_tok_s)} tok/s of output, with {peak.concurrency} in flight ({peak.basis})."
    )


def _deployment(answer: Estimate) -> tuple[Block, ...]:
    kernel = answer.kernel.replace("_", "-")
    pairs = [
        ("engine", f"{answer.engine} {answer.engine_version}, {answer.checkpoint} ({answer.precision}, {kernel})"),
        ("settings", _settings(answer)),
        ("lengths", f"{number(answer.input_tokens)} tokens in, {number(answer.output_tokens)} tokens out"),
    ]
    if answer.canvases is not None and answer.steps_per_canvas is not None:
        pairs.append(("canvases", f"{number(answer.canvases)} per reply, {number(answer.steps_per_canvas)} steps each"))
    return (Facts(tuple(pairs)),)


def _settings(answer: Estimate) -> str:
    speculative = f", speculative decoding with {answer.speculative}" if answer.speculative else ""
    return (
        f"tensor parallel {answer.tensor_parallel}, max_num_seqs {answer.max_num_seqs}, "
        f"max_num_batched_tokens {answer.max_num_batched_tokens}{speculative}"
    )


def _memory(answer: Estimate) -> tuple[Block, ...]:
    memory = answer.memory
    pairs = (
        ("GPU memory", f"{gib(memory.gpu_bytes)}, of which the engine may use {gib(memory.usable_bytes)}"),
        ("weights", gib(memory.weights_bytes)),
        ("reserved", f"{gib(memory.reserved_bytes)} for activations and the runtime"),
        ("KV cache", f"{gib(memory.kv_bytes_per_request)} per request"),
        ("slots", f"at most {memory.slots_limit}, limited by {memory.slots_limited_by}"),
    )
    return Section(f"Memory of one replica: {'fits' if memory.fits else 'does not fit'}"), Facts(pairs)


def _points(answer: Estimate) -> tuple[Block, ...]:
    if not answer.points:
        return ()
    title = "Speed of one replica, with so many requests always in flight"
    return Section(title), Table(_COLUMNS, tuple(_row(point) for point in answer.points))


def _row(point: EstimatePoint) -> Row:
    return Row(
        (
            f"{point.concurrency}",
            f"{point.in_service}",
            number(point.output_tok_s),
            number(point.request_rate_rps),
            milliseconds(point.ttft_mean_ms),
            milliseconds(point.tpot_mean_ms),
            milliseconds(point.ntpot_mean_ms),
            seconds(point.e2e_mean_s),
            point.basis,
            share(point.spread),
        )
    )


def records(answer: Estimate) -> Iterator[dict[str, object]]:
    """Yield one flat record per concurrency, the deployment repeated on each."""
    fields = answer.model_dump(mode="json", exclude={"points", "memory", "warnings", "sources", "schema_version"})
    for point in answer.points:
        yield {**fields, **answer.memory.model_dump(mode="json"), **point.model_dump(mode="json")}
