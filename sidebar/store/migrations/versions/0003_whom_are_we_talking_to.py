"""Whom are we talking to: a workspace's policy, what people picked by hand, receipts of look-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    policy = sa.Column("policy", sa.String(length=20), nullable=False, server_default="contacts")
    op.add_column("workspaces", policy)
    if op.get_bind().dialect.name != "sqlite":  # SQLite cannot drop a default; nothing relies on it
        op.alter_column("workspaces", "policy", server_default=None)
    op.create_table(
        "picks",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("workspace_id", sa.String(length=22), nullable=False),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=18), nullable=False),
        sa.Column("was", sa.String(length=18), nullable=True),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("agent_email", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=20), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_why", sa.String(length=10), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_picks_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picks")),
    )
    op.create_index(op.f("ix_picks_record_id"), "picks", ["record_id"], unique=False)
    of_customer = ["workspace_id", "customer", "at"]
    op.create_index(op.f("ix_picks_workspace_id_customer_at"), "picks", of_customer, unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("workspace_id", sa.String(length=22), nullable=False),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_receipts_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_at"), "receipts", ["at"], unique=False)
