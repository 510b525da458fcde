"""What the process that works on a campaign tells a database, and what others ask about it."""

from __future__ import annotations

from datetime import UTC, datetime
from socket import gethostname
from typing import TYPE_CHECKING

from advisor.store import drivers, starts
from advisor.store.connected import Connected

if TYPE_CHECKING:
    from advisor.domain.attempt import BegunCell, CellStart
    from advisor.domain.campaign import Limits

START_PATIENCE_S = 1.0
"""How long that a cell is begun may wait for another process that writes (assumed): it is only to be looked at."""


class DrivenStore(Connected):
    """The part of an open database that tells who works on what."""

    def claim(self, campaign_id: str, *, host: str, pid: int, limits: Limits | None = None) -> str:
        """Take a campaign for a process that keeps to some limits, and return what the claim is called.

        A process holds a campaign while its heart beats at least once a minute; on the same host, while it runs.

        Raises
        ------
        MeasureError
            If a living process has it.
        UnknownNameError
            If there is no such campaign.
        """
        with self._writing() as connection:
            return drivers.claim(connection, campaign_id, host=host, pid=pid, now=datetime.now(UTC), limits=limits)

    def driver(self, campaign_id: str) -> str:
        """Say which living process works on a campaign; empty if none does."""
        with self._reading() as connection:
            return drivers.driver(connection, campaign_id, host=gethostname(), now=datetime.now(UTC))

    def limits(self, campaign_id: str) -> Limits:
        """Return what the last process that took a campaign had to keep to; no limits where none is known."""
        with self._reading() as connection:
            return drivers.limits(connection, campaign_id)

    def add_start(self, claim_id: str, start: CellStart, *, attempt: int) -> None:
        """Add that a worker begins with a cell, for the process of a claim; `attempt` counts tries at the cell from 1.

        Another process that writes is waited for 1 s at most.

        Raises
        ------
        BusyError
            If it writes for longer.
        """
        with self._writing_soon(START_PATIENCE_S) as connection:
            starts.add(connection, claim_id, start, attempt=attempt)

    def begun(self, campaign_id: str) -> tuple[BegunCell, ...]:
        """Return the cells that were begun and have no result yet, in the order of the plan."""
        with self._reading() as connection:
            return starts.begun(connection, campaign_id, host=gethostname(), now=datetime.now(UTC))

    def heartbeat(self, claim_id: str) -> bool:
        """Say that the process of a claim is alive; return whether it still holds its campaign."""
        with self._writing() as connection:
            return drivers.heartbeat(connection, claim_id, now=datetime.now(UTC))

    def release(self, claim_id: str) -> None:
        """Let a campaign go."""
        with self._writing() as connection:
            drivers.release(connection, claim_id, now=datetime.now(UTC))

    def request_cancel(self, campaign_id: str) -> None:
        """Ask the process that works on a campaign to end."""
        with self._writing() as connection:
            drivers.request_cancel(connection, campaign_id, now=datetime.now(UTC))

    def cancel_requested(self, campaign_id: str, *, since: datetime) -> bool:
        """Say whether somebody asked for the end of a campaign at a time or later."""
        with self._reading() as connection:
            return drivers.cancel_requested(connection, campaign_id, since=since)
