"""A campaign from its file to its results: one process sends the jobs and is the only one that stores what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from advisor import loadgen, store
from advisor.domain.campaign import Limits
from advisor.errors import InputError
from advisor.profiling.cluster import (
    NODE_WAIT_S,
    ClusterAccess,
    JobEnded,
    JobLost,
    JobPlaced,
    JobStopped,
    JobWaiting,
    NewsCame,
    NoNode,
    ResultCame,
    run_jobs,
    sweep_ray,
)
from advisor.usecases.addresses import shown
from advisor.usecases.profile.claiming import claimed, ended_by_sigterm
from advisor.usecases.profile.opening import check_unmixed, database_of, now_utc, open_campaign, record_of
from advisor.usecases.profile.planning import Prices
from advisor.usecases.profile.shepherding import Shepherd
from advisor.usecases.profile.status import status_in, tally_of
from advisor.usecases.profile.working import work

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.attempt import CampaignRecord
    from advisor.domain.campaign import Campaign
    from advisor.domain.campaign_plan import CampaignEvent, CampaignStatus
    from advisor.profiling.cluster import ClusterEvent, Job
    from advisor.profiling.cluster.running import Running
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.profile.preparing import Prepared


@dataclass(frozen=True, slots=True)
class Driving:
    """How a campaign is driven: on which cluster, within which limits, anew or from where it stopped."""

    address: str | None = None
    node_wait_s: float | None = None
    limits: Limits = field(default_factory=Limits)
    resume: bool = False
    retry_failed: bool = False


def run_campaign(
    path: Path,
    *,
    profiles: Path | None,
    database: str | None,
    driving: Driving,
    watch: Callable[[CampaignEvent], None],
) -> CampaignStatus:
    """Measure what is open in a campaign, and return where it stands then.

    Finished cells are not repeated, so that a campaign can be run again after whatever ended it. `watch` hears of
    everything that happens.

    Raises
    ------
    DataError
        If the campaign file is bad, or the database cannot take the results.
    InputError
        If the campaign cannot be, or is to be resumed and was never started.
    MeasureError
        If another process works on it, or there is no cluster.
    """
    shipped, prepared = open_campaign(path, profiles=profiles, database=database)
    url = database_of(prepared.basis, database)
    _check_started(url, prepared, driving)
    prompts = prepared.campaign.prompts
    texts = loadgen.read_texts(Path(prompts)) if prompts else ()
    _check_money(prepared, shipped, driving)
    with store.open_store(url) as held:
        check_unmixed(held, prepared.basis, url)
        held.begin_campaign(record_of(prepared, path, now=now_utc()), prepared.cells)
        limits = _limits(prepared.campaign, driving)
        with claimed(held, prepared.campaign.id, limits=limits) as claim, ended_by_sigterm():
            shepherd = _shepherd(held, claim, prepared, shipped, driving, texts, watch)
            stopped = _drive(shepherd, driving)
        return status_in(held, prepared.campaign, url=url, stopped_because=stopped)


def _check_started(url: str, prepared: Prepared, driving: Driving) -> None:
    """Refuse to resume what was never started: a changed file is another campaign."""
    name = prepared.campaign.name
    if not driving.resume:
        return
    known: tuple[CampaignRecord, ...] = ()
    if store.exists(url):
        with store.open_store(url) as held:
            known = held.campaigns()
    if prepared.campaign.id in {record.id for record in known}:
        return
    changed = any(record.name == name for record in known)
    raise InputError(
        f"campaign {name} {'has changed since it was started' if changed else 'has not been started'} in {shown(url)}",
        hint="advisor profile run starts it" + (" as a new one" if changed else ", and --db names its database"),
    )


def _check_money(prepared: Prepared, shipped: Shipped, driving: Driving) -> None:
    """Refuse a limit of money that limits nothing."""
    if driving.limits.usd is None and prepared.campaign.limits.usd is None:
        return
    price = Prices(shipped.root).usd_per_gpu_hour
    for deployment in {cell.deployment.gpu: cell.deployment for cell in prepared.cells}.values():
        if deployment.rented_gpus and price(deployment) is None:
            raise InputError(
                f"no price of {deployment.gpu} is known, so that a limit in USD would not hold",
                hint="limit --max-gpu-hours instead",
            )


def _limits(campaign: Campaign, driving: Driving) -> Limits:
    """Return the limits of a campaign; those that are given now go before those of its file."""
    given = {name: value for name, value in driving.limits.model_dump().items() if value is not None}
    return campaign.limits.model_copy(update=given)


def _shepherd(
    held: store.Store,
    claim: str,
    prepared: Prepared,
    shipped: Shipped,
    driving: Driving,
    texts: tuple[str, ...],
    watch: Callable[[CampaignEvent], None],
) -> Shepherd:
    campaign = prepared.campaign
    canvases = {name: model.canvas.tokens for name, model in shipped.models.items() if model.canvas}
    return Shepherd(
        held=held,
        claim=claim,
        campaign=campaign.model_copy(update={"limits": _limits(campaign, driving)}),
        tally=tally_of(held, campaign, retry_failed=driving.retry_failed),
        price=Prices(shipped.root).usd_per_gpu_hour,
        texts=texts,
        canvases=canvases,
        watch=watch,
    )


def _drive(shepherd: Shepherd, driving: Driving) -> str:
    """Send the jobs, take in what comes, and return what stopped the campaign early; empty if nothing did."""
    shepherd.started()
    jobs = shepherd.jobs()
    if jobs:
        options = ClusterAccess(address=driving.address, node_wait_s=driving.node_wait_s or NODE_WAIT_S)
        with run_jobs(jobs, work, options=options, should_stop=shepherd.should_stop) as running:
            try:
                _listen(shepherd, running)
            except KeyboardInterrupt:
                shepherd.interrupted()
                _listen(shepherd, running)
                shepherd.ended()
                raise
    elif driving.address is None:
        sweep_ray()  # a driver that was killed after its last cell leaves Ray's own processes for a minute
    shepherd.ended()
    return shepherd.stopped_because


def _listen(shepherd: Shepherd, running: Running) -> None:
    """Take in what comes until nobody works any more. Once all is to stop, that is what workers had told by then."""
    for event in running:
        for job in _take(shepherd, event):
            running.send(job)


def _take(shepherd: Shepherd, event: ClusterEvent) -> list[Job]:
    """Hand an event to the shepherd, and return the jobs that are to be sent because of it."""
    match event:
        case JobWaiting():
            shepherd.waits(event.job, event.detail)
        case JobPlaced():
            shepherd.placed(event.job, event.node)
        case NewsCame():
            shepherd.hear(event.job, event.news)
        case ResultCame():
            shepherd.keep(event.job, event.result)
        case JobLost():
            return shepherd.lost(event.job, event.detail, event.trace)
        case NoNode():
            shepherd.no_node(event.job, event.detail, without_gpu=event.without_gpu)
        case JobStopped():
            shepherd.halted(event.job, event.detail)
        case JobEnded():
            return shepherd.again(event.job)
    return []
