"""Starts of servers: into rows and back. Equal machines and equal software are one row each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from advisor.domain.attempt import Hardware, Outcome, ServerRecord, Software
from advisor.domain.campaign import digest
from advisor.store.adding import add_new
from advisor.store.tables import HardwareRow, ServerRow, SoftwareRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from advisor.domain.value import Value


def add(connection: Connection, server: ServerRecord) -> bool:
    """Add a server; return False if it is there."""
    if connection.scalar(select(ServerRow.id).where(ServerRow.id == server.id)) is not None:
        return False
    row = server.model_dump(exclude={"hardware", "software", "effective", "outcome"})
    row |= {
        "hardware_id": _part(connection, HardwareRow, server.hardware, listed="gpus"),
        "software_id": _part(connection, SoftwareRow, server.software, listed="command"),
        "effective": json.dumps(server.effective, ensure_ascii=False),
        "outcome": server.outcome and str(server.outcome),
    }
    return add_new(connection, ServerRow, [row], key="id") == 1


def _part(connection: Connection, table: type[HardwareRow | SoftwareRow], value: Value, *, listed: str) -> str:
    """Return the identifier of a machine or of software, added if it is new."""
    content = value.model_dump(mode="json")
    key = digest(content)[:16]
    if connection.scalar(select(table.id).where(table.id == key)) is None:
        add_new(
            connection,
            table,
            [{**content, "id": key, listed: json.dumps(content[listed], ensure_ascii=False)}],
            key="id",
        )
    return key


def of_campaign(connection: Connection, campaign_id: str) -> tuple[ServerRecord, ...]:
    """Return the servers of a campaign in the order they were started."""
    table = ServerRow.__table__
    query = select(*table.columns).where(table.c.campaign_id == campaign_id).order_by(table.c.started_at, table.c.id)
    rows = connection.execute(query).mappings().all()
    machines = _parts(connection, HardwareRow, {row["hardware_id"] for row in rows}, listed="gpus")
    software = _parts(connection, SoftwareRow, {row["software_id"] for row in rows}, listed="command")
    return tuple(
        ServerRecord(
            **{
                name: row[name] for name in ("id", "campaign_id", "deployment", "started_at", "ready_after_s", "detail")
            },
            log_tail=row["log_tail"],
            hardware=Hardware.model_validate(machines[row["hardware_id"]]),
            software=Software.model_validate(software[row["software_id"]]),
            effective=json.loads(row["effective"]),
            outcome=row["outcome"] and Outcome(row["outcome"]),
        )
        for row in rows
    )


def _parts(
    connection: Connection, table: type[HardwareRow | SoftwareRow], keys: set[str], *, listed: str
) -> dict[str, dict[str, Any]]:
    rows = connection.execute(select(*table.__table__.columns).where(table.id.in_(keys))).mappings()
    return {
        row["id"]: {name: json.loads(value) if name == listed else value for name, value in row.items() if name != "id"}
        for row in rows
    }
