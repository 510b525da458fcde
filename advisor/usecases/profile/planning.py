"""What a campaign would do, and what it would take."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost import USUAL_AGE_DAYS, PriceBook, Terms, pricing_day
from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.campaign_plan import CampaignPlan, PlannedCell, PlannedServer
from advisor.domain.offer import PriceBasis
from advisor.usecases.addresses import shown
from advisor.usecases.profile.opening import database_of, open_campaign
from advisor.usecases.profile.preparing import Prepared, key_of, spread_of
from advisor.usecases.profile.tally import S_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from advisor.domain.campaign import Cell, ServedDeployment

CENT = Decimal("0.01")


def plan_campaign(path: Path, *, profiles: Path | None, database: str | None) -> CampaignPlan:
    """Return what a campaign file would do, without doing it.

    Raises
    ------
    DataError
        If the file is bad.
    InputError
        If it asks for what cannot be.
    """
    shipped, prepared = open_campaign(path, profiles=profiles, database=database)
    prices = Prices(shipped.root)
    startup_s = catalog.read_operations(shipped.root).startup_s
    servers = tuple(_servers(prepared, prices, startup_s))
    usd = [server.usd for server in servers if server.usd is not None]
    return CampaignPlan(
        campaign_id=prepared.campaign.id,
        name=prepared.campaign.name,
        title=prepared.campaign.title,
        database=shown(database_of(prepared.basis, database)),
        servers=servers,
        cells=tuple(_planned(cell, prepared) for cell in prepared.cells),
        expected_s=sum(server.expected_s for server in servers),
        gpu_hours=sum(server.gpu_hours for server in servers),
        usd=sum(usd, Decimal(0)) if len(usd) == len(servers) else None,
        warnings=tuple(_warnings(prepared, servers)),
    )


class Prices:
    """The cheapest price per GPU-hour that is accepted by default: on demand, no marketplace, not aged."""

    def __init__(self, root: Path) -> None:
        offers, today = catalog.read_offers(root), datetime.now(tz=UTC).date()
        terms = Terms(
            price_bases=frozenset({PriceBasis.ON_DEMAND}),
            include_marketplace=False,
            include_secondary=False,
            max_age_days=USUAL_AGE_DAYS,
            priced_on=pricing_day(offers, today=today),
            today=today,
        )
        self._book = PriceBook(offers, terms=terms)

    def usd_per_gpu_hour(self, deployment: ServedDeployment) -> Decimal | None:
        """Return what a GPU-hour of a deployment costs; None where no price is known or none is rented."""
        if not deployment.rented_gpus:
            return None
        return min((offer.price_usd_per_gpu_hour for offer in self._book.offers(deployment.gpu)), default=None)


def _servers(prepared: Prepared, prices: Prices, startup_s: float) -> Iterator[PlannedServer]:
    by_deployment: dict[str, list[Cell]] = {}
    for cell in prepared.cells:
        by_deployment.setdefault(key_of(cell.deployment), []).append(cell)
    for cells in by_deployment.values():
        yield _server(cells, prepared, prices, startup_s)


def _server(cells: Sequence[Cell], prepared: Prepared, prices: Prices, startup_s: float) -> PlannedServer:
    deployment = cells[0].deployment
    rents = deployment.rented_gpus > 0
    expected_s = (startup_s if rents else 0.0) + sum(prepared.expected_s(cell) for cell in cells)
    gpus = deployment.rented_gpus
    price = prices.usd_per_gpu_hour(deployment)
    hours = gpus * expected_s / S_PER_HOUR
    spread = spread_of((deployment, tuple(c.load for c in cells)), prepared.campaign, prepared.expectations)
    return PlannedServer(
        deployment=deployment.label,
        model=deployment.model,
        gpu=deployment.gpu,
        accelerator_type=deployment.accelerator_type,
        gpus=gpus,
        checkpoint=deployment.checkpoint,
        max_num_seqs=deployment.max_num_seqs,
        max_num_batched_tokens=deployment.max_num_batched_tokens,
        cells=len(cells),
        expected_s=expected_s,
        gpu_hours=hours,
        usd_per_gpu_hour=price,
        usd=Decimal(0) if not rents else None if price is None else (price * Decimal(str(hours))).quantize(CENT),
        spread=spread if spread < float("inf") else None,
    )


def _planned(cell: Cell, prepared: Prepared) -> PlannedCell:
    return PlannedCell(
        ordinal=cell.ordinal,
        cell_id=cell.id,
        deployment=cell.deployment.label,
        workload=cell.workload.name,
        load=cell.load.label,
        repeat=cell.repeat + 1,
        expected_s=prepared.expected_s(cell),
    )


def _warnings(prepared: Prepared, servers: Sequence[PlannedServer]) -> Iterator[Caution]:
    for server in servers:
        if server.spread is None:
            message = f"nothing is known of {server.deployment}: its time is the limit of the rules"
            yield Caution(code="unknown_speed", message=message)
        if server.gpus and server.usd is None:
            message = f"no price of {server.gpu} is known: its money is not counted, and --max-usd does not limit it"
            yield Caution(code="no_price", message=message)
    if prepared.basis is Basis.SIMULATED:
        message = "demo servers simulate: their runs are kept in a database of their own and are no evidence"
        yield Caution(code="simulated", message=message)
