"""Campaigns with all that they measure, who works on them, and the log of recommendations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0002"
down_revision = "0001"

WORD, PROSE, TIME = sa.String(), sa.Text(), sa.DateTime(timezone=True)
NUMBER: sa.Double[float] = sa.Double()
COUNT, TRUTH = sa.Integer(), sa.Boolean()


def upgrade() -> None:
    """Make the tables."""
    _make_campaigns()
    _make_servers()
    _make_attempts()
    _make_runs()
    _make_readings()
    _make_drivers()
    _make_recommendations()


def _are(kind: Any, *names: str) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, kind, nullable=False) for name in names)


def _may_be(kind: Any, *names: str) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, kind, nullable=True) for name in names)


def _refer(*pairs: str) -> Iterator[sa.ForeignKeyConstraint]:
    """Yield foreign keys given as ``column -> table.column``."""
    for pair in pairs:
        column, target = pair.split(" -> ")
        yield sa.ForeignKeyConstraint([column], [target])


def _make_campaigns() -> None:
    op.create_table(
        "campaigns",
        *_are(WORD, "id", "name", "title"),
        *_are(PROSE, "text"),
        *_are(WORD, "git_commit"),
        *_are(TRUTH, "git_dirty"),
        *_are(WORD, "git_path", "basis"),
        *_are(TIME, "created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_campaigns_name", "campaigns", ["name"])
    op.create_table("workloads", *_are(WORD, "id", "name"), *_are(PROSE, "document"), sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "cells",
        *_are(WORD, "id", "campaign_id"),
        *_are(COUNT, "ordinal"),
        *_are(PROSE, "deployment"),
        *_are(WORD, "workload_id"),
        *_are(PROSE, "load"),
        *_are(COUNT, "repeat"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "ordinal"),
        *_refer("campaign_id -> campaigns.id", "workload_id -> workloads.id"),
    )


def _make_servers() -> None:
    op.create_table(
        "hardware",
        *_are(WORD, "id", "hostname"),
        *_are(PROSE, "gpus"),
        *_are(WORD, "driver"),
        *_may_be(sa.BigInteger(), "memory_bytes"),
        *_may_be(NUMBER, "sm_clock_mhz", "memory_clock_mhz", "power_limit_w"),
        *_are(WORD, "cpu"),
        *_may_be(COUNT, "cpu_count"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "software",
        *_are(WORD, "id", "engine", "engine_version", "torch", "cuda", "python", "image"),
        *_are(PROSE, "command"),
        *_are(WORD, "advisor_version"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "servers",
        *_are(WORD, "id", "campaign_id", "deployment", "hardware_id", "software_id"),
        *_are(PROSE, "effective"),
        *_are(TIME, "started_at"),
        *_may_be(NUMBER, "ready_after_s"),
        *_may_be(WORD, "outcome"),
        *_are(PROSE, "detail", "log_tail"),
        sa.PrimaryKeyConstraint("id"),
        *_refer("campaign_id -> campaigns.id", "hardware_id -> hardware.id", "software_id -> software.id"),
    )
    op.create_index("ix_servers_campaign_id", "servers", ["campaign_id"])


def _make_attempts() -> None:
    op.create_table(
        "attempts",
        *_are(COUNT, "number"),
        *_are(WORD, "id", "cell_id"),
        *_may_be(WORD, "server_id"),
        *_are(TIME, "started_at", "ended_at"),
        *_are(WORD, "outcome"),
        *_are(PROSE, "detail", "log_tail"),
        *_are(NUMBER, "gpu_s"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("id", "cell_id"),
        *_refer("cell_id -> cells.id", "server_id -> servers.id"),
    )
    op.create_index("ix_attempts_cell_id", "attempts", ["cell_id"])
    op.create_table(
        "accepted",
        *_are(WORD, "cell_id", "attempt_id"),
        sa.PrimaryKeyConstraint("cell_id"),
        sa.UniqueConstraint("attempt_id"),
        sa.ForeignKeyConstraint(["attempt_id", "cell_id"], ["attempts.id", "attempts.cell_id"]),
        *_refer("cell_id -> cells.id"),
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        *_are(COUNT, "number"),
        *_are(WORD, "id", "campaign_id"),
        *_may_be(WORD, "attempt_id"),
        *_are(WORD, "model", "gpu"),
        *_may_be(WORD, "precision"),
        *_are(COUNT, "tensor_parallel"),
        *_are(WORD, "engine", "engine_version"),
        *_may_be(WORD, "speculative"),
        *_are(WORD, "workload", "load"),
        *_may_be(COUNT, "concurrency"),
        *_may_be(NUMBER, "offered_rate_rps"),
        *_are(NUMBER, "request_rate_rps", "output_tok_s"),
        *_may_be(NUMBER, "ttft_p50_ms", "ttft_p95_ms", "e2e_p50_s", "e2e_p95_s"),
        *_are(COUNT, "requests", "completed"),
        *_are(TRUTH, "valid"),
        *_are(WORD, "basis", "tool"),
        *_are(TIME, "measured_at"),
        *_are(PROSE, "document"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("attempt_id"),
        *_refer("campaign_id -> campaigns.id", "attempt_id -> attempts.id"),
    )
    for column in ("campaign_id", "gpu", "model"):
        op.create_index(f"ix_runs_{column}", "runs", [column])
    op.create_table(
        "discards",
        *_are(WORD, "run_id"),
        *_are(PROSE, "reason"),
        *_are(TIME, "discarded_at"),
        sa.PrimaryKeyConstraint("run_id"),
        *_refer("run_id -> runs.id"),
    )


def _make_readings() -> None:
    op.create_table(
        "request_timings",
        *_are(COUNT, "attempt", "request"),
        *_are(WORD, "phase"),
        *_are(NUMBER, "intended_s", "sent_s"),
        *_may_be(NUMBER, "first_s", "last_s"),
        *_are(COUNT, "input_tokens", "cached_tokens", "asked_tokens", "output_tokens", "events"),
        *_are(WORD, "failure"),
        *_are(PROSE, "detail"),
        sa.PrimaryKeyConstraint("attempt", "request"),
        *_refer("attempt -> attempts.number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sample_names",
        *_are(COUNT, "number"),
        *_are(WORD, "name"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "samples",
        *_are(COUNT, "attempt", "place", "name"),
        *_are(NUMBER, "at_s"),
        *_may_be(NUMBER, "value"),
        sa.PrimaryKeyConstraint("attempt", "place"),
        *_refer("attempt -> attempts.number", "name -> sample_names.number"),
        sqlite_with_rowid=False,
    )


def _make_drivers() -> None:
    op.create_table(
        "claims",
        *_are(WORD, "id", "campaign_id", "host"),
        *_are(COUNT, "pid"),
        *_are(TIME, "claimed_at", "heartbeat_at"),
        *_may_be(TIME, "released_at"),
        sa.PrimaryKeyConstraint("id"),
        *_refer("campaign_id -> campaigns.id"),
    )
    op.create_table(
        "cancels",
        *_are(COUNT, "number"),
        *_are(WORD, "campaign_id"),
        *_are(TIME, "requested_at"),
        sa.PrimaryKeyConstraint("number"),
        *_refer("campaign_id -> campaigns.id"),
    )
    for table in ("claims", "cancels"):
        op.create_index(f"ix_{table}_campaign_id", table, ["campaign_id"])


def _make_recommendations() -> None:
    op.create_table(
        "recommendations",
        *_are(COUNT, "number"),
        *_are(TIME, "given_at"),
        *_are(PROSE, "summary", "plan", "usd_per_month"),
        *_are(WORD, "basis", "advisor_version", "evidence_digest"),
        *_are(PROSE, "question", "answer"),
        sa.PrimaryKeyConstraint("number"),
    )
