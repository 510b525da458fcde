"""One cell on a live server: its load, its figures, and whether they count."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from advisor import loadgen
from advisor.domain.attempt import Stage, WorkerNews
from advisor.domain.basis import Basis
from advisor.domain.campaign import Lengths
from advisor.domain.model import Decode
from advisor.domain.profiled import ProfiledRun, RunConditions
from advisor.domain.timing import Failure, Phase
from advisor.evidence.validity import judge
from advisor.usecases.grounding.recognizing import is_simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.attempt import ServerRecord
    from advisor.domain.campaign import Cell, RunRules, ServedDeployment
    from advisor.domain.timing import RequestTiming, Sample

KV_BYTES_OF_DTYPE = {"fp8": 1.0, "fp8_e4m3": 1.0, "fp8_e5m2": 1.0}
"""Bytes per value of KV caches that are not of 16 bits, by the engine's name."""
LOADED_WITHOUT_WEIGHTS = "dummy"
SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Bench:
    """A live server, ready to be measured again and again: how to ask it, and what it was told to be."""

    target: loadgen.Target
    inspected: loadgen.Inspected
    texts: tuple[str, ...]
    canvas_tokens: int | None
    conditions: RunConditions

    @property
    def basis(self) -> Basis:
        """How what is seen here is known: a server that says that it simulates is believed."""
        return Basis.SIMULATED if is_simulated(self.conditions) else Basis.MEASURED

    @property
    def known(self) -> dict[str, Any]:
        """What rules about a run need to know of the server: how the model writes, and how much it takes at once."""
        return {
            "diffuses": self.target.decode is Decode.BLOCK_DIFFUSION,
            "canvas_tokens": self.canvas_tokens,
            "room_tokens": self.inspected.max_model_len,
        }

    def of_checkpoint(self, name: str) -> Bench:
        """Return the same for a server that names its checkpoint."""
        return replace(self, conditions=self.conditions.model_copy(update={"checkpoint": name})) if name else self


@dataclass(frozen=True, slots=True)
class CellMeasured:
    """A run with everything that was seen of it."""

    run: ProfiledRun
    timings: tuple[RequestTiming, ...]
    samples: tuple[Sample, ...]

    @property
    def silent(self) -> bool:
        """Whether nothing came back but silence."""
        figures = self.run.figures
        return not figures.completed and set(figures.failures) == {Failure.STALLED}


def bench_of(
    target: loadgen.Target,
    *,
    texts: tuple[str, ...],
    canvas_tokens: int | None,
    conditions: RunConditions,
    called: tuple[str, ...] = (),
) -> Bench:
    """Look at a server, and return it ready to be measured.

    Where the target does not say what the server calls the model, the first of `called` that it serves is taken.

    Raises
    ------
    MeasureError
        If nobody answers there, it is no OpenAI-style server, or it serves other models.
    """
    own = loadgen.prompts_of(texts) if texts else None
    found = asyncio.run(loadgen.inspect(target, prompts=own, called=called))
    told = {
        "engine": conditions.engine or found.engine,
        "engine_version": conditions.engine_version or found.engine_version,
    }
    return Bench(
        target=replace(target, served_name=found.served_name, dialect=found.dialect),
        inspected=found,
        texts=texts,
        canvas_tokens=canvas_tokens,
        conditions=conditions.model_copy(update=told),
    )


def conditions_of(deployment: ServedDeployment, record: ServerRecord | None = None) -> RunConditions:
    """Return under what a deployment runs; what the server says of itself goes before what it was asked to be."""
    effective = record.effective if record else {}
    return RunConditions(
        model=deployment.model,
        gpu=deployment.gpu,
        checkpoint=deployment.checkpoint,
        precision=deployment.precision,
        tensor_parallel=deployment.tensor_parallel,
        engine=record.software.engine if record else "",
        engine_version=record.software.engine_version if record else "",
        speculative=deployment.speculative,
        max_num_seqs=_count(effective.get("max_num_seqs")) or deployment.max_num_seqs,
        max_num_batched_tokens=_count(effective.get("max_num_batched_tokens")) or deployment.max_num_batched_tokens,
        kv_bytes_per_value=KV_BYTES_OF_DTYPE.get(str(effective.get("kv_cache_dtype")), 2.0),
        weights="random" if deployment.flags.get("load-format") == LOADED_WITHOUT_WEIGHTS else "",
    )


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value >= 1 else None


def measure_cell(
    cell: Cell,
    bench: Bench,
    *,
    rules: RunRules,
    run_id: str,
    tell: Callable[[WorkerNews], None],
    alive: Callable[[], bool] | None = None,
    halt: Callable[[], bool] | None = None,
    read: Callable[[float], tuple[Sample, ...]] = lambda _origin_s: (),
) -> CellMeasured:
    """Put the load of a cell on a server, and return the run with its verdict.

    `read` returns what was read of the GPUs meanwhile, on the clock of the run that it is told the origin of.

    Raises
    ------
    InputError
        If the cell replays a trace that its workload has not.
    """
    prompts = loadgen.prompts_of(bench.texts) if bench.texts else loadgen.shipped_prompts(cell.workload.content)
    asks = loadgen.Asks(cell.workload, prompts, bench.inspected.tokens, seed=_seed(cell, rules))
    measured = asyncio.run(
        loadgen.measure(
            bench.target,
            cell.load,
            asks,
            rules,
            canvas_tokens=bench.canvas_tokens,
            watch=_Teller(cell, tell).tell,
            alive=alive,
            halt=halt,
        )
    )
    conditions = bench.conditions.model_copy(update=_asked(cell, bench))
    samples = (*measured.samples, *read(measured.origin_s))
    run = ProfiledRun(
        id=run_id,
        campaign_id=cell.campaign_id,
        cell_id=cell.id,
        conditions=conditions,
        load=cell.load,
        repeat=cell.repeat,
        figures=measured.figures,
        verdict=judge(
            conditions,
            cell.load,
            measured.figures,
            samples=samples,
            longest_tokens=asks.longest_tokens(cell.load, len(measured.timings)),
            **bench.known,
        ),
        basis=bench.basis,
        measured_at=measured.started_at,
    )
    return CellMeasured(run, measured.timings, samples)


def _asked(cell: Cell, bench: Bench) -> dict[str, Any]:
    """Return the conditions of a run that its cell adds to those of the server."""
    return {
        "workload": cell.workload.name,
        "content": cell.workload.content,
        "lengths": Lengths.FORCED if bench.target.forced else Lengths.NATURAL,
    }


def _seed(cell: Cell, rules: RunRules) -> int:
    """Return a seed of its own for each cell of each campaign: no prompt is in the prefix cache from an earlier run."""
    return (int(cell.id, 16) + rules.seed) % SEEDS


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells how far a run is."""

    cell: Cell
    hear: Callable[[WorkerNews], None]

    def tell(self, progress: loadgen.Progress) -> None:
        """Tell in words and as a share."""
        ended = progress.completed + progress.failed
        width = "" if progress.half_width_share is None else f", within {progress.half_width_share:.1%}"
        failed = f", {progress.failed} failed" if progress.failed else ""
        stage = Stage.WARMING if progress.phase is Phase.WARMUP else Stage.MEASURING
        text = f"{self.cell.load.label}: {ended:,} requests{failed}{width}"
        share = min(ended / progress.target, 1.0) if progress.target else None
        self.hear(WorkerNews(self.cell.deployment.label, stage, self.cell.id, text, share))
