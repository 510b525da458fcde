"""All campaigns that databases know, and one of them in full: progress, what was used up, what failed and with which last words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor import catalog, store
from advisor.domain.attempt import Attempt, Outcome, ServerRecord
from advisor.domain.campaign import RunRules
from advisor.domain.campaign_plan import CampaignStatus, CellState
from advisor.usecases.addresses import shown
from advisor.usecases.profile.opening import DEMO_DATABASE
from advisor.usecases.profile.planning import Prices
from advisor.usecases.profile.status import campaign_status
from advisor.usecases.profile.tally import S_PER_HOUR, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from advisor.domain.attempt import CampaignRecord
    from advisor.domain.campaign import Cell, ServedDeployment

MOST_FAILURES = 50
"""Failed attempts that are told of at most, the newest."""


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign that a database knows. `url` opens the database, `database` may be shown; `driver` is empty if nobody works on it."""

    record: CampaignRecord
    url: str
    database: str
    driver: str


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """A try at a cell, or a start of a server, that failed: when, how, and the end of the log."""

    what: str
    outcome: Outcome
    detail: str
    log_tail: str
    ended_at: datetime
    gpu_hours: float


@dataclass(frozen=True, slots=True)
class CampaignOverview:
    """One campaign in full.

    `usd` is at the cheapest list price of today that is accepted by default, over attempts that have ended, `usd_at_work`
    over those that have not; `unpriced` are GPUs whose price is not known and that they leave out. `next_cells` are the first
    cells of each deployment that are open and that nobody measures now. `failures` are the newest ones, `failed` counts all.
    """

    status: CampaignStatus
    usd: Decimal
    usd_at_work: Decimal
    unpriced: tuple[str, ...]
    next_cells: tuple[str, ...]
    last_ended_at: datetime | None
    failures: tuple[FailedAttempt, ...]
    failed: int
    servers: tuple[ServerRecord, ...]

    @property
    def settled(self) -> int:
        """Cells that nobody works on any more."""
        return len(self.status.cells) - self.status.counts.get(CellState.OPEN, 0)

    @property
    def usd_so_far(self) -> Decimal:
        """Money of all attempts, those that have not ended included."""
        return self.usd + self.usd_at_work

    @property
    def gpu_hours_share(self) -> float | None:
        """Share of the limit of GPU-hours that is used up; None without a limit."""
        limit = self.status.limits.gpu_hours
        return None if limit is None else self.status.gpu_hours_so_far / limit

    @property
    def usd_share(self) -> float | None:
        """Share of the limit of money that is used up; None without a limit."""
        limit = self.status.limits.usd
        return None if limit is None else float(self.usd_so_far / limit)


def known_campaigns(database: str | None) -> tuple[KnownCampaign, ...]:
    """Return all campaigns, the newest first: of the database named, else of the user's own and of the simulated ones.

    Raises
    ------
    DataError
        If a database cannot be read.
    """
    urls = [database] if database else [store.default_url(), store.default_url(DEMO_DATABASE)]
    found = [known for url in urls for known in _known(url)]
    return tuple(sorted(found, key=lambda known: known.record.created_at, reverse=True))


def _known(url: str) -> list[KnownCampaign]:
    if store.is_blank(url) or not store.exists(url):
        return []
    with store.open_store(url) as held:
        return [KnownCampaign(record, url, shown(url), held.driver(record.id)) for record in held.campaigns()]


def campaign_overview(campaign_id: str, *, url: str, profiles: Path | None) -> CampaignOverview:
    """Return a campaign in full.

    Raises
    ------
    DataError
        If the database cannot be read.
    UnknownNameError
        If it does not know the campaign.
    """
    status = campaign_status(campaign_id, profiles=profiles, database=url)
    with store.open_store(url) as held:
        cells, attempts = held.cells(campaign_id), held.attempts(campaign_id)
        servers = held.servers(campaign_id)
    tally = Tally(cells, rules=RunRules(), attempts=attempts, accepted={})
    price = Prices(profiles or catalog.profiles_root()).usd_per_gpu_hour
    rented = {cell.deployment.gpu: cell.deployment for cell in cells if cell.deployment.rented_gpus}
    failures = sorted(_failures(cells, attempts, servers), key=lambda failure: failure.ended_at, reverse=True)
    return CampaignOverview(
        status=status,
        usd=tally.usd(price),
        usd_at_work=_usd_at_work(status, cells, price),
        unpriced=tuple(gpu for gpu, deployment in rented.items() if price(deployment) is None),
        next_cells=_next_cells(status, cells),
        last_ended_at=max((attempt.ended_at for attempt in attempts), default=None),
        failures=tuple(failures[:MOST_FAILURES]),
        failed=len(failures),
        servers=servers,
    )


def _usd_at_work(
    status: CampaignStatus, cells: Sequence[Cell], price: Callable[[ServedDeployment], Decimal | None]
) -> Decimal:
    deployments = {cell.id: cell.deployment for cell in cells}
    spent = (
        (price(deployments[one.cell_id]) or Decimal(0)) * Decimal(str(one.gpu_hours))
        for one in status.running
        if one.gpu_hours
    )
    return sum(spent, Decimal(0))


def _next_cells(status: CampaignStatus, cells: Sequence[Cell]) -> tuple[str, ...]:
    labels = {cell.id: cell.label for cell in cells}
    running = {cell.cell_id for cell in status.running}
    first: dict[str, str] = {}
    for cell in status.cells:
        if cell.state is CellState.OPEN and cell.cell_id not in running:
            first.setdefault(cell.deployment, labels.get(cell.cell_id, cell.cell_id))
    return tuple(first.values())


def _failures(
    cells: Sequence[Cell], attempts: Sequence[Attempt], servers: Sequence[ServerRecord]
) -> Iterator[FailedAttempt]:
    labels = {cell.id: cell.label for cell in cells}
    logs: Mapping[str, str] = {server.id: server.log_tail for server in servers}
    for attempt in attempts:
        if attempt.outcome is not Outcome.MEASURED:
            yield FailedAttempt(
                what=labels.get(attempt.cell_id, attempt.cell_id),
                outcome=attempt.outcome,
                detail=attempt.detail,
                log_tail=attempt.log_tail or logs.get(attempt.server_id, ""),
                ended_at=attempt.ended_at,
                gpu_hours=attempt.gpu_s / S_PER_HOUR,
            )
