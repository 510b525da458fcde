"""Campaigns and their cells: into rows and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from advisor.domain.attempt import CampaignRecord, GitState
from advisor.domain.basis import Basis
from advisor.domain.campaign import Cell, ServedDeployment, digest
from advisor.domain.load import Load
from advisor.domain.workload import Workload
from advisor.errors import UnknownNameError
from advisor.store.adding import add_new
from advisor.store.tables import CampaignRow, CellRow, WorkloadRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

_LOADS: TypeAdapter[Load] = TypeAdapter(Load)


def begin(connection: Connection, record: CampaignRecord, cells: Sequence[Cell]) -> bool:
    """Add a campaign with its plan; return False if it is there."""
    if connection.scalar(select(CampaignRow.id).where(CampaignRow.id == record.id)) is not None:
        return False
    if not add_new(connection, CampaignRow, [_campaign_row(record)], key="id"):
        return False
    add_cells(connection, cells)
    return True


def add_cells(connection: Connection, cells: Sequence[Cell]) -> None:
    """Add the cells that are not there yet."""
    known = set(
        connection.scalars(select(CellRow.id).where(CellRow.campaign_id.in_({cell.campaign_id for cell in cells})))
    )
    new = [cell for cell in cells if cell.id not in known]
    _add_workloads(connection, [cell.workload for cell in new])
    if new:
        connection.execute(insert(CellRow), [_cell_row(cell) for cell in new])


def _campaign_row(record: CampaignRecord) -> dict[str, Any]:
    git = {f"git_{name}": value for name, value in record.git.model_dump().items()}
    return {**record.model_dump(exclude={"git"}), **git, "basis": str(record.basis)}


def _add_workloads(connection: Connection, workloads: Sequence[Workload]) -> None:
    by_id = {workload_id(workload): workload for workload in workloads}
    known = set(connection.scalars(select(WorkloadRow.id).where(WorkloadRow.id.in_(by_id))))
    new = {key: workload for key, workload in by_id.items() if key not in known}
    rows = [{"id": key, "name": workload.name, "document": _document(workload)} for key, workload in new.items()]
    add_new(connection, WorkloadRow, rows, key="id")


def workload_id(workload: Workload) -> str:
    """Return what a workload is called here: a digest of its content."""
    return digest(_document(workload))[:16]


def _document(workload: Workload) -> str:
    """Return a workload as JSON, with the arrival times that answers leave out."""
    whole = workload.model_dump(mode="json") | ({"arrival_s": workload.arrival_s} if workload.arrival_s else {})
    return TypeAdapter(dict[str, Any]).dump_json(whole).decode()


def _cell_row(cell: Cell) -> dict[str, Any]:
    return {
        "id": cell.id,
        "campaign_id": cell.campaign_id,
        "ordinal": cell.ordinal,
        "deployment": cell.deployment.model_dump_json(),
        "workload_id": workload_id(cell.workload),
        "load": cell.load.model_dump_json(),
        "repeat": cell.repeat,
    }


def all_records(connection: Connection) -> tuple[CampaignRecord, ...]:
    """Return all campaigns, the newest last."""
    rows = connection.execute(select(*CampaignRow.__table__.columns).order_by(CampaignRow.created_at, CampaignRow.id))
    return tuple(_record(row) for row in rows)


def record(connection: Connection, name_or_id: str) -> CampaignRecord:
    """Return a campaign by its identifier, or the newest of a name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    records = all_records(connection)
    found = next((r for r in records if r.id == name_or_id), None)
    found = found or next((r for r in reversed(records) if r.name == name_or_id), None)
    if found is None:
        raise UnknownNameError("campaign", name_or_id, {name for r in records for name in (r.id, r.name)})
    return found


def _record(row: Row[Any]) -> CampaignRecord:
    return CampaignRecord(
        id=row.id,
        name=row.name,
        title=row.title,
        text=row.text,
        git=GitState(commit=row.git_commit, dirty=row.git_dirty, path=row.git_path),
        basis=Basis(row.basis),
        created_at=row.created_at,
    )


def cells(connection: Connection, campaign_id: str) -> tuple[Cell, ...]:
    """Return the cells of a campaign in the order of its plan."""
    table = CellRow.__table__
    rows = connection.execute(
        select(*table.columns).where(table.c.campaign_id == campaign_id).order_by(table.c.ordinal)
    ).all()
    wanted = {row.workload_id for row in rows}
    documents = connection.execute(select(WorkloadRow.id, WorkloadRow.document).where(WorkloadRow.id.in_(wanted)))
    workloads = {key: Workload.model_validate_json(document) for key, document in documents}
    return tuple(_cell(row, workloads[row.workload_id]) for row in rows)


def _cell(row: Row[Any], workload: Workload) -> Cell:
    cell = Cell(
        campaign_id=row.campaign_id,
        ordinal=row.ordinal,
        deployment=ServedDeployment.model_validate_json(row.deployment),
        workload=workload,
        load=_LOADS.validate_json(row.load),
        repeat=row.repeat,
    )
    return cell.named(row.id)
