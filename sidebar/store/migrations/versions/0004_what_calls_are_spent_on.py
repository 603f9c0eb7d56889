"""What API calls are spent on: counts by the hour, and how much of the allowance was spent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("org_id", sa.String(18), nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "hour", "purpose", name="pk_calls"),
    )
    op.create_table(
        "allowances",
        sa.Column("org_id", sa.String(18), nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("allowed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "hour", name="pk_allowances"),
    )
