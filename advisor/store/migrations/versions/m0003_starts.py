"""When a worker begins with a cell, and within which limits a process works on a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table `starts`, and add the limits to `claims`: unknown for those that are there."""
    op.add_column("claims", sa.Column("max_gpu_hours", sa.Double(), nullable=True))
    op.add_column("claims", sa.Column("max_usd", sa.Text(), nullable=True))
    op.create_table(
        "starts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("cell_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("gpus", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"]),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"]),
    )
    op.create_index("ix_starts_claim_id", "starts", ["claim_id"])
