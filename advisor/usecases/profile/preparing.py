"""From a campaign to its cells in measuring order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.campaign import Cell, ServerKind
from advisor.errors import InputError
from advisor.usecases.profile.checking import check_deployment
from advisor.usecases.profile.expecting import expect
from advisor.usecases.profile.ordering import informative_first
from advisor.usecases.profile.resolving import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.domain.campaign import Campaign, ServedDeployment
    from advisor.domain.load import Load
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.profile.expecting import Expectation


@dataclass(frozen=True, slots=True)
class Prepared:
    """A campaign with its cells in measuring order, all of a deployment together, least known deployment first."""

    campaign: Campaign
    cells: tuple[Cell, ...]
    expectations: dict[tuple[str, str], Expectation]

    @property
    def basis(self) -> Basis:
        """What the runs of this campaign will be."""
        return Basis.SIMULATED if _simulates(self.campaign) else Basis.MEASURED

    def expected_s(self, cell: Cell) -> float:
        """Return the seconds that a cell will take."""
        return self.expectations[key_of(cell.deployment), cell.workload.name].cell_s(cell.load, self.campaign.rules)


def prepare(campaign: Campaign, shipped: Shipped) -> Prepared:
    """Return the cells of a campaign in order.

    Raises
    ------
    InputError
        If it mixes simulated servers with real ones, two deployments are the same, or two workloads share a name.
    """
    _check(campaign)
    served = resolved(campaign, shipped)
    if len({key_of(deployment) for deployment, _ in served}) < len(served):
        raise InputError(f"campaign {campaign.name} holds a deployment twice", hint="give one of them all the loads")
    expectations = {
        (key_of(deployment), workload.name): expect(deployment, workload, shipped)
        for deployment, _ in served
        for workload in campaign.workloads
    }
    least_known_first = sorted(served, key=lambda pair: -spread_of(pair, campaign, expectations))
    return Prepared(campaign, tuple(_cells(campaign, least_known_first)), expectations)


def _simulates(campaign: Campaign) -> bool:
    return any(deployment.server is ServerKind.DEMO for deployment in campaign.deployments)


def _check(campaign: Campaign) -> None:
    if _simulates(campaign) and any(d.server is not ServerKind.DEMO for d in campaign.deployments):
        raise InputError(
            f"campaign {campaign.name} mixes demo servers with real ones", hint="simulated runs need their own campaign"
        )
    for deployment in campaign.deployments:
        check_deployment(campaign, deployment)
    names = [workload.name for workload in campaign.workloads]
    if len(set(names)) < len(names):
        raise InputError(f"campaign {campaign.name} names a workload twice", hint="give each workload its own name")


def key_of(deployment: ServedDeployment) -> str:
    """Return what tells a deployment from others."""
    return deployment.model_dump_json(exclude={"loads"})


def spread_of(
    pair: tuple[ServedDeployment, tuple[Load, ...]],
    campaign: Campaign,
    expectations: dict[tuple[str, str], Expectation],
) -> float:
    """Return the log sd of the speed of a deployment where least is known; infinite where nothing is."""
    deployment, loads = pair
    known = [expectations[key_of(deployment), workload.name].spread(loads) for workload in campaign.workloads]
    return max(float("inf") if spread is None else spread for spread in known)


def _cells(campaign: Campaign, served: Sequence[tuple[ServedDeployment, tuple[Load, ...]]]) -> Iterator[Cell]:
    """Yield the cells: each level once before any is repeated."""
    ordinal = 0
    for deployment, loads in served:
        for repeat in range(campaign.rules.repeats):
            for workload in campaign.workloads:
                for load in informative_first(loads):
                    yield Cell(
                        campaign_id=campaign.id,
                        ordinal=ordinal,
                        deployment=deployment,
                        workload=workload,
                        load=load,
                        repeat=repeat,
                    )
                    ordinal += 1
