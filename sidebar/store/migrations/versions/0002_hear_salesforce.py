"""Hear Salesforce: the mirror of records, walks through an org, leases, keys and months of local contacts."""

import sqlalchemy as sa
from alembic import op

from sidebar.identity import email_key, phone_key
from sidebar.store.terms import terms_of

revision = "0002"
down_revision = "0001"

_WORKSPACES = sa.table("workspaces", sa.column("id"), sa.column("region"))
_OLD = sa.table(
    "contacts",
    *(sa.Column(name, sa.Text()) for name in ("workspace_id", "id", "name", "email", "phone")),
    sa.Column("tags", sa.JSON()),
    sa.Column("created_at", sa.BigInteger()),
)
_CONTACTS = (
    sa.select(_OLD, _WORKSPACES.c.region)
    .join(_WORKSPACES, _WORKSPACES.c.id == _OLD.c.workspace_id)
    .order_by(_OLD.c.created_at, _OLD.c.id)
)
_KEYS = sa.table("contact_keys", sa.column("workspace_id"), sa.column("key"), sa.column("contact_id"))


def upgrade() -> None:
    _add("workspaces", sa.Column("tag_created", sa.Boolean(), nullable=False, server_default=sa.true()))
    _add("workspaces", sa.Column("include_bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
    _add("workspaces", sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("workspaces", sa.Column("auto_create_since", sa.BigInteger(), nullable=True))
    op.add_column("workspaces", sa.Column("api_key_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_workspaces_api_key_hash"), "workspaces", ["api_key_hash"], unique=True)
    _add("contacts", sa.Column("dormant", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contacts", sa.Column("evidence", sa.Text(), nullable=True))
    _add("positions", sa.Column("events", sa.BigInteger(), nullable=False, server_default="0"))
    _add("positions", sa.Column("gaps", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("positions", sa.Column("event_at", sa.BigInteger(), nullable=True))
    op.add_column("positions", sa.Column("lag", sa.BigInteger(), nullable=True))
    op.add_column("positions", sa.Column("lost_at", sa.BigInteger(), nullable=True))
    op.add_column("positions", sa.Column("refused_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "contact_keys",
        sa.Column("workspace_id", sa.String(length=22), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_contact_keys_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_keys_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_contact_keys")),
    )
    op.create_index(op.f("ix_contact_keys_contact_id"), "contact_keys", ["contact_id"], unique=False)
    _find_contacts()
    op.create_table(
        "active_contacts",
        sa.Column("workspace_id", sa.String(length=22), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("contact_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_active_contacts_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_active_contacts_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "month", "contact_id", name=op.f("pk_active_contacts")),
    )
    op.create_table(
        "records",
        sa.Column("org_id", sa.String(length=18), nullable=False),
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("appeared_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("arrival", sa.String(length=4), nullable=False),
        sa.Column("sweep", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_records")),
    )
    op.create_index(op.f("ix_records_org_id_dirty_id"), "records", ["org_id", "dirty", "id"], unique=False)
    op.create_table(
        "record_marks",
        sa.Column("org_id", sa.String(length=18), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("record_id", sa.String(length=18), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "mark", "record_id", name=op.f("pk_record_marks")),
    )
    op.create_index(op.f("ix_record_marks_org_id_record_id"), "record_marks", ["org_id", "record_id"], unique=False)
    op.create_table(
        "sweeps",
        sa.Column("org_id", sa.String(length=18), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("then", sa.String(length=20), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("cursor", sa.String(length=18), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_sweeps")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=22), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _find_contacts() -> None:
    """Lists, tags and search of contacts, those that are there already included."""
    op.drop_index(op.f("ix_contacts_workspace_id_created_at"), table_name="contacts")
    listed = ["workspace_id", "created_at", "id", "source", "dormant", "salesforce_id"]
    op.create_index("ix_contacts_list", "contacts", listed, unique=False)
    term = sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)
    tag = sa.Column("tag", sa.Text(), nullable=False)
    found_by = _of_contacts("contact_terms", term)
    tagged = _of_contacts("contact_tags", tag, sa.Column("created_at", sa.BigInteger(), nullable=False))
    owned: dict[tuple[str, str], dict[str, str]] = {}
    for row in op.get_bind().execute(_CONTACTS).all():
        mine = {"workspace_id": row.workspace_id, "contact_id": row.id}
        keys = _keys(row.email, row.phone, row.region)
        terms = [*terms_of(row.name, row.email, row.phone), *keys]
        op.bulk_insert(found_by, [{"term": each, **mine} for each in dict.fromkeys(terms)])
        op.bulk_insert(tagged, [{"tag": each, "created_at": row.created_at, **mine} for each in row.tags])
        for key in keys:
            owned.setdefault((row.workspace_id, key), {"key": key, **mine})
    op.bulk_insert(_KEYS, list(owned.values()))


def _keys(email: str | None, phone: str | None, region: str) -> list[str]:
    """The strong keys of a contact of before."""
    keys = [f"email:{key}"] if (key := email_key(email or "")) else []
    number = phone_key(phone or "", [region])
    return [*keys, f"phone:{number}"] if number and number.startswith("+") else keys


def _of_contacts(name: str, *columns: sa.Column[str] | sa.Column[int]) -> sa.Table:
    """A table of what belongs to contacts: keyed by the workspace, its columns, and the contact."""
    made = op.create_table(
        name,
        sa.Column("workspace_id", sa.String(length=22), nullable=False),
        *columns,
        sa.Column("contact_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{name}_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f(f"fk_{name}_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", *[column.name for column in columns], "contact_id", name=op.f(f"pk_{name}")
        ),
    )
    op.create_index(op.f(f"ix_{name}_contact_id"), name, ["contact_id"], unique=False)
    return made


def _add(table: str, column: sa.Column[object]) -> None:
    """A column that must have a value, where rows are there already: its default serves them and is then dropped."""
    op.add_column(table, column)
    if op.get_bind().dialect.name != "sqlite":  # SQLite cannot drop a default; nothing relies on it
        op.alter_column(table, str(column.name), server_default=None)
