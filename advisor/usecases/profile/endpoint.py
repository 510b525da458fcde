"""Measuring a server that already runs, on this machine alone: no cluster, no engine of ours."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from advisor import catalog, loadgen, store
from advisor.domain.answer import Caution
from advisor.domain.attempt import Attempt, AttemptResult, CampaignRecord, Outcome, WorkerNews
from advisor.domain.campaign import Campaign, CampaignDeployment, Cell, ServedDeployment, ServerKind
from advisor.domain.model import Decode
from advisor.errors import InputError, UnknownNameError
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.profile.beginning import load_begins
from advisor.usecases.profile.claiming import claimed, ended_by_sigterm
from advisor.usecases.profile.measuring import Bench, bench_of, conditions_of, measure_cell
from advisor.usecases.profile.opening import check_unmixed, database_of, now_utc
from advisor.usecases.profile.ordering import informative_first
from advisor.usecases.profile.relaying import relayed
from advisor.usecases.profile.shepherding import Shepherd
from advisor.usecases.profile.status import status_in, tally_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from advisor.domain.basis import Basis
    from advisor.domain.campaign import RunRules
    from advisor.domain.campaign_plan import CampaignEvent, CampaignStatus
    from advisor.domain.load import Load
    from advisor.domain.model import ModelSpec
    from advisor.domain.workload import Workload
    from advisor.profiling.cluster import Job

SpecT = TypeVar("SpecT")
EMPTY = "sqlite://"
"""A database in memory: a running server is measured whatever is known already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A running server, and what is to be measured there. `model` and `gpu` may be names of profiles or any others."""

    url: str
    model: str
    gpu: str
    served_name: str | None = None
    api_key: str = field(default="", repr=False)
    chat: bool = True
    workload: Workload
    prompts: Path | None = None
    name: str | None = None
    precision: str | None = None
    tensor_parallel: int = 1
    max_num_seqs: int | None = None
    speculative: str | None = None
    loads: tuple[Load, ...]
    rules: RunRules


def profile_endpoint(
    asked: Endpoint, *, profiles: Path | None, database: str | None, watch: Callable[[CampaignEvent], None]
) -> CampaignStatus:
    """Measure a running server at each load, and return where that stands.

    Raises
    ------
    InputError
        If the address is none, or a name could be several profiles.
    MeasureError
        If nobody answers there, or it serves another model.
    DataError
        If the database cannot take the runs.
    """
    _refuse_secrets(asked.url)
    shipped = open_profiles(profiles, database=EMPTY)
    model = _known("model", asked.model, shipped.models)
    gpu = _known("GPU", asked.gpu, shipped.gpus)
    deployment = _deployment(asked, model=model.name if model else asked.model, gpu=gpu.name if gpu else asked.gpu)
    bench = _bench(asked, deployment, model)
    campaign = _campaign(asked, deployment)
    url = database_of(bench.basis, database)
    with store.open_store(url) as held:
        check_unmixed(held, bench.basis, url)
        held.begin_campaign(_record(campaign, bench.basis), _cells(campaign, deployment))
        with claimed(held, campaign.id) as claim, ended_by_sigterm():
            shepherd = Shepherd(
                held=held,
                claim=claim,
                campaign=campaign,
                tally=tally_of(held, campaign),
                watch=watch,
            )
            _measure_here(shepherd, bench)
        found = status_in(held, campaign, url=url, stopped_because=shepherd.stopped_because)
    return found.model_copy(update={"warnings": (*found.warnings, *_unknown(asked, model=model, gpu=gpu))})


def _refuse_secrets(url: str) -> None:
    """Refuse an address that carries a password or a key: addresses are stored."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query:
        raise InputError(
            "--endpoint: an address is stored, so it may carry no user, password or query",
            hint="give a key with --api-key",
        )


def _unknown(asked: Endpoint, *, model: object, gpu: object) -> Iterator[Caution]:
    """Yield a warning for each name that no profile has: such runs are kept, and are no evidence."""
    for kind, name, spec in (("model", asked.model, model), ("GPU", asked.gpu, gpu)):
        if spec is None:
            message = f"no profile describes the {kind} {name!r}: the runs are kept, recommend cannot use them"
            yield Caution(code="no_profile", message=message)


def _known(kind: str, name: str, specs: Mapping[str, SpecT]) -> SpecT | None:
    """Return the profile that a name means; None for a name of none, which is measured all the same."""
    try:
        return specs[catalog.resolve(kind, name, specs)]
    except UnknownNameError:
        return None
    except InputError:
        if kind != "model":  # the server itself may call its model by a name that could be several of ours
            raise
        return None


def _deployment(asked: Endpoint, *, model: str, gpu: str) -> ServedDeployment:
    from pydantic import ValidationError  # noqa: PLC0415 - raised by the values only

    try:
        return ServedDeployment(
            model=model,
            gpu=gpu,
            server=ServerKind.ENDPOINT,
            precision=asked.precision,
            tensor_parallel=asked.tensor_parallel,
            max_num_seqs=asked.max_num_seqs,
            speculative=None if asked.speculative == "none" else asked.speculative,
            endpoint=asked.url,
            served_name=asked.served_name or "",
        )
    except ValidationError as problem:
        wrong = problem.errors()[0]
        raise InputError(f"{wrong['loc'][0]}: {wrong['msg'].lower()}, got {wrong['input']!r}") from None


def _bench(asked: Endpoint, deployment: ServedDeployment, model: ModelSpec | None) -> Bench:
    """Look at the server. It may call the model as we do, as the user does, or by the name of a checkpoint."""
    canvas_tokens = model.canvas.tokens if model and model.canvas else None
    target = loadgen.Target(
        url=asked.url,
        served_name=asked.served_name or "",
        decode=Decode.BLOCK_DIFFUSION if canvas_tokens else Decode.AUTOREGRESSIVE,
        api_key=asked.api_key,
        chat=asked.chat,
        lengths=asked.rules.lengths,
    )
    called = (asked.model, deployment.model, *(c.name for c in (model.checkpoints if model else ())))
    texts = loadgen.read_texts(asked.prompts) if asked.prompts else ()
    bench = bench_of(
        target, called=called, texts=texts, canvas_tokens=canvas_tokens, conditions=conditions_of(deployment)
    )
    checkpoint = bench.target.served_name if bench.target.served_name != asked.model else ""
    return bench.of_checkpoint(checkpoint)


def _campaign(asked: Endpoint, deployment: ServedDeployment) -> Campaign:
    """Return the runs as a campaign of its own. A failed run is a result here: nobody knows the server but its user."""
    name = asked.name or f"endpoint-{now_utc():%Y%m%d-%H%M%S}"
    return Campaign(
        name=name,
        title=f"{deployment.label}, a running server",
        deployments=(CampaignDeployment(**deployment.model_dump()),),
        workloads=(asked.workload,),
        loads=asked.loads,
        rules=asked.rules.model_copy(update={"attempts": 1}),
        prompts=str(asked.prompts or ""),
    )


def _record(campaign: Campaign, basis: Basis) -> CampaignRecord:
    return CampaignRecord(
        id=campaign.id,
        name=campaign.name,
        title=campaign.title,
        text=campaign.model_dump_json(indent=2),
        basis=basis,
        created_at=now_utc(),
    )


def _cells(campaign: Campaign, deployment: ServedDeployment) -> tuple[Cell, ...]:
    order = [(repeat, load) for repeat in range(campaign.rules.repeats) for load in informative_first(campaign.loads)]
    return tuple(
        Cell(
            campaign_id=campaign.id,
            ordinal=ordinal,
            deployment=deployment,
            workload=campaign.workloads[0],
            load=load,
            repeat=repeat,
        )
        for ordinal, (repeat, load) in enumerate(order)
    )


def _measure_here(shepherd: Shepherd, bench: Bench) -> None:
    """Measure what is open, one run after the other, in this process."""
    shepherd.started()
    stop = threading.Event()  # the load generator must not wait for a database: it only looks at this
    for job in shepherd.jobs():
        for told in relayed(partial(_work, job, bench, stop.is_set)):
            if isinstance(told, WorkerNews):
                shepherd.hear(job, told)
            else:
                shepherd.keep(job, told)
            if shepherd.should_stop():
                stop.set()
    shepherd.ended()


def _work(
    job: Job,
    bench: Bench,
    stopped: Callable[[], bool],
    tell: Callable[[AttemptResult | WorkerNews], None],
) -> None:
    for cell in job.cells:
        if stopped():
            return
        attempt_id, began_at = uuid.uuid4().hex, now_utc()
        tell(load_begins(cell, began_at))
        measured = measure_cell(
            cell,
            bench,
            rules=job.rules,
            run_id=attempt_id,
            tell=tell,
            halt=stopped,
        )
        attempt = Attempt(
            id=attempt_id,
            cell_id=cell.id,
            started_at=began_at,
            ended_at=now_utc(),
            outcome=Outcome.MEASURED,
            run=measured.run,
        )
        tell(AttemptResult(attempt, timings=measured.timings, samples=measured.samples))
