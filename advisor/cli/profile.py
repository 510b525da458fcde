"""`advisor profile`: measuring, by campaign on a cluster or at a server that already runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from advisor.cli import reading
from advisor.cli.asking import workload_of
from advisor.cli.campaign_progress import watching
from advisor.cli.commanding import Command
from advisor.cli.next_options import AdaptiveOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.options import DataOptions, OutputOptions, SourcedOptions, WorkloadOptions  # noqa: TC001 - Typer reads annotations at run time
from advisor.cli.profile_options import (  # noqa: TC001 - likewise
    CampaignOptions,
    ClusterOptions,
    EndpointOptions,
    LimitOptions,
    MaybeCampaignOptions,
    ProgressOptions,
    RetryOptions,
    RuleOptions,
    StartedOptions,
)
from advisor.cli.profile_rules import OPTION_OF_FIELD, limits_of, rules_of
from advisor.cli.showing import show
from advisor.errors import InputError, MeasureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.cli.commanding import Options
    from advisor.domain.campaign_plan import CampaignStatus


def plan(what: CampaignOptions, out: SourcedOptions, data: DataOptions) -> None:
    """Show what a campaign would do."""
    from advisor.usecases.profile.planning import plan_campaign  # noqa: PLC0415 - use cases are loaded when a command runs

    show(plan_campaign(what.campaign, profiles=data.profiles, database=data.db), out, explain=out.explain)


def run(
    *,
    what: MaybeCampaignOptions,
    adaptive: AdaptiveOptions,
    limits: LimitOptions,
    cluster: ClusterOptions,
    endpoint: EndpointOptions,
    rules: RuleOptions,
    work: WorkloadOptions,
    progress: ProgressOptions,
    out: SourcedOptions,
    data: DataOptions,
) -> None:
    """Measure a campaign, what is worth most, or a server that already runs."""
    if sum(one is not None for one in (what.campaign, adaptive.adaptive, endpoint.endpoint)) != 1:
        named = "name a campaign file, an answer with --adaptive, or a running server with --endpoint"
        raise InputError(named, hint="see advisor profile run -h")
    if adaptive.adaptive is not None:
        from advisor.cli.next_adaptive import adapt  # noqa: PLC0415 - likewise

        _refuse("--endpoint", "the answer names the workload and the deployments", endpoint, work)
        told = rules_of(rules) if any(_given(rules)) else None
        adapt(
            adaptive,
            cluster,
            limits=limits_of(limits),
            rules=told,
            prompts=rules.prompts,
            how=progress,
            out=out,
            data=data,
        )
        return
    _refuse("--adaptive", "it needs an answer of advisor recommend", adaptive)
    if what.campaign is not None:
        _refuse("--endpoint", "write it into the campaign file", endpoint, rules, work)
        _campaign(what.campaign, limits=limits, cluster=cluster, progress=progress, out=out, data=data)
    else:
        _refuse("campaigns", "a running server is measured by this machine alone", limits, cluster)
        _measure_endpoint(endpoint, rules, work, progress, out, data)


def resume(
    *,
    what: CampaignOptions,
    retry: RetryOptions,
    limits: LimitOptions,
    cluster: ClusterOptions,
    progress: ProgressOptions,
    out: SourcedOptions,
    data: DataOptions,
) -> None:
    """Go on with a campaign."""
    told = {"resume": True, "retry_failed": retry.retry_failed}
    _campaign(what.campaign, limits=limits, cluster=cluster, progress=progress, out=out, data=data, **told)


def status(what: StartedOptions, out: SourcedOptions, data: DataOptions) -> None:
    """Say how far a campaign is."""
    from advisor.usecases.profile.status import campaign_status  # noqa: PLC0415 - likewise

    show(campaign_status(what.campaign, profiles=data.profiles, database=data.db), out, explain=out.explain)


def cancel(what: StartedOptions, out: OutputOptions, data: DataOptions) -> None:
    """Stop a campaign that runs somewhere."""
    from advisor.usecases.profile.status import cancel_campaign  # noqa: PLC0415 - likewise

    show(cancel_campaign(what.campaign, profiles=data.profiles, database=data.db), out)


def _campaign(
    path: Path,
    *,
    limits: LimitOptions,
    cluster: ClusterOptions,
    progress: ProgressOptions,
    out: SourcedOptions,
    data: DataOptions,
    **told: Any,
) -> None:
    from advisor.usecases.profile.driving import Driving, run_campaign  # noqa: PLC0415 - likewise

    driving = Driving(
        address=cluster.address,
        node_wait_s=reading.seconds(cluster.node_wait, option="--node-wait"),
        limits=limits_of(limits),
        **told,
    )
    try:
        with watching(progress.progress) as watch:
            found = run_campaign(path, profiles=data.profiles, database=data.db, driving=driving, watch=watch)
    except KeyboardInterrupt:
        typer.echo("interrupted; what was measured is stored, and advisor profile resume goes on", err=True)
        raise
    _end(found, out)


def _end(found: CampaignStatus, out: SourcedOptions) -> None:
    """Show where the campaign stands; what is open or failed decides the exit code."""
    from advisor.domain.campaign_plan import CellState  # noqa: PLC0415 - likewise

    show(found, out, explain=out.explain)
    typer.echo(f"stored in {found.database}; see: advisor runs --db {found.database}", err=True)
    failed, waiting = found.counts.get(CellState.FAILED, 0), found.counts.get(CellState.OPEN, 0)
    if waiting or failed:
        because = f" ({found.stopped_because})" if found.stopped_because else ""
        told = ", ".join(f"{count} {what}" for count, what in ((failed, "failed"), (waiting, "left open")) if count)
        hint = "advisor profile resume goes on" if waiting else "advisor profile resume --retry-failed tries them again"
        raise MeasureError(f"of {len(found.cells)} cells {told}{because}", hint=hint)


def _refuse(belongs_to: str, hint: str, *groups: Options) -> None:
    """Refuse options that only mean something elsewhere."""
    for option in _given(*groups):
        raise InputError(f"{option} is for {belongs_to}", hint=hint)


def _given(*groups: Options) -> Iterator[str]:
    """Yield the options of groups that were given. A key may come from the environment, where it means nothing here."""
    for group in groups:
        for name, value in vars(group).items():
            if name != "api_key" and value != getattr(type(group), name):
                yield OPTION_NAMES.get(name, f"--{name.replace('_', '-')}")


def _measure_endpoint(
    endpoint: EndpointOptions,
    rules: RuleOptions,
    work: WorkloadOptions,
    progress: ProgressOptions,
    out: SourcedOptions,
    data: DataOptions,
) -> None:
    from advisor.usecases.profile.endpoint import Endpoint, profile_endpoint  # noqa: PLC0415 - likewise

    for option, value in (("--model", endpoint.model), ("--gpu", endpoint.gpu)):
        if not value:
            raise InputError(f"missing {option}", hint="say what the server runs, and on what")
    asked = Endpoint(
        url=str(endpoint.endpoint),
        model=str(endpoint.model),
        gpu=str(endpoint.gpu),
        served_name=endpoint.served_name,
        api_key=endpoint.api_key or "",
        chat=not endpoint.completions,
        workload=workload_of(work, profiles=data.profiles),
        prompts=rules.prompts,
        **_described(endpoint),
        loads=_loads(endpoint),
        rules=rules_of(rules),
    )
    with watching(progress.progress) as watch:
        found = profile_endpoint(asked, profiles=data.profiles, database=data.db, watch=watch)
    _end(found, out)


def _described(endpoint: EndpointOptions) -> dict[str, Any]:
    return {
        "name": endpoint.campaign_name,
        "precision": endpoint.precision and endpoint.precision.lower(),
        "tensor_parallel": endpoint.tensor_parallel,
        "max_num_seqs": endpoint.slots,
        "speculative": endpoint.speculative and endpoint.speculative.lower(),
    }


def _loads(endpoint: EndpointOptions) -> tuple[Any, ...]:
    from advisor.domain.load import ClosedLoad, OpenLoad  # noqa: PLC0415 - likewise

    levels = reading.integers(endpoint.concurrency, option="--concurrency", example="1,8,64")
    burstiness = reading.burstiness(endpoint.burstiness)
    closed = [reading.valid(ClosedLoad, options=OPTION_OF_FIELD, concurrency=level) for level in levels]
    rates = reading.numbers(endpoint.rate, option="--rate", example="2,5")
    opened = [reading.valid(OpenLoad, options=OPTION_OF_FIELD, rate_rps=r, burstiness=burstiness) for r in rates]
    if not (closed or opened):
        raise InputError("missing --concurrency or --rate", hint="such as --concurrency 1,8,64 or --rate 2,5")
    if burstiness is not None and not opened:
        raise InputError("--burstiness shapes --rate, and there is none", hint="add --rate 2,5")
    return (*closed, *opened)


OPTION_NAMES = {
    "campaign_name": "--name",
    "tensor_parallel": "--tensor-parallel",
    "cache_hit": "--cache-hit",
    "max_time": "--max-time",
}
"""Options whose name is not that of their field."""
_FILE = "profiles/campaigns/demo.yaml"
COMMANDS = (
    Command(
        "plan",
        plan,
        "Show what a campaign would do and cost. Nothing is started.",
        (f"advisor profile plan {_FILE}",),
    ),
    Command(
        "run",
        run,
        "Measure a campaign on Ray, or a server that already runs.",
        (
            f"advisor profile run {_FILE}",
            "advisor profile run h100.yaml --address auto --max-usd 40 --progress json",
            "advisor profile run --adaptive answer.json --max-usd 40",
            "advisor profile run --endpoint $URL --model gemma-4-26b --gpu h100 --isl 800 --osl 300 --concurrency 1,8,64 --rate 2",
        ),
    ),
    Command(
        "status",
        status,
        "Say how far a campaign has come.",
        (f"advisor profile status {_FILE}", "advisor profile status h100-sweep --db sqlite:///runs.db"),
    ),
    Command(
        "resume",
        resume,
        "Go on with a campaign after whatever ended it. Finished cells are not repeated.",
        (f"advisor profile resume {_FILE}", f"advisor profile resume {_FILE} --retry-failed"),
    ),
    Command(
        "cancel",
        cancel,
        "Stop a campaign that runs somewhere. What it measured stays.",
        (f"advisor profile cancel {_FILE}", "advisor profile cancel h100-sweep"),
    ),
)
HELP = "Measure servers: a campaign on Ray, or one that runs."
