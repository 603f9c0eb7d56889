"""The tables. A change here needs a migration in migrations/versions; a test holds the two against each other."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _workspace(*, primary_key: bool = False, index: bool = False) -> Column[str]:
    owner = ForeignKey("workspaces.id", ondelete="CASCADE")
    return Column("workspace_id", owner, nullable=False, primary_key=primary_key, index=index or None)


workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String(22), primary_key=True),
    Column(
        "key", String(22), nullable=False, unique=True
    ),  # in the panel's address: finds the workspace, grants nothing
    Column("name", Text, nullable=False),
    Column("region", String(2), nullable=False),  # ISO country, for phone numbers that name none
    Column("fields", JSON, nullable=False),  # API names of Contact fields, in the order shown
    Column("editing", Boolean, nullable=False),
    Column("auto_create", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

admins = Table(
    "admins",
    metadata,
    Column("id", String(22), primary_key=True),
    _workspace(index=True),
    Column("email", Text, nullable=False, unique=True),  # normalized
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("role", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    _workspace(primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("origins", JSON, nullable=False),  # exact origins that may frame the panel
    Column("secret", Text, nullable=False),  # encrypted
)

consents = Table(
    "consents",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    _workspace(),
    Column("admin_id", String(22), nullable=False),
    Column("verifier", Text, nullable=False),  # encrypted PKCE verifier
    Column("replaces", Boolean, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    _workspace(primary_key=True),
    Column("login_origin", Text, nullable=False),  # where people sign in: authorize, token, refresh and revoke
    Column("consumer_key", Text, nullable=False),
    Column("consumer_secret", Text, nullable=False),  # encrypted
    Column("instance_url", Text),  # from here on null until the consent is given
    Column("access_token", Text),  # encrypted
    Column("refresh_token", Text),  # encrypted
    Column("org_id", String(18), index=True),
    Column("org_name", Text),
    Column("edition", Text),
    Column("is_sandbox", Boolean),
    Column("user_id", String(18)),
    Column("username", Text),
    Column("api_version", String(5)),
    Column("connected_at", BigInteger),
    Column("org_since", BigInteger),  # the first of the consents given in this org, without a disconnect in between
    Column("problem", String(40)),  # why the connection no longer works; null while it does
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(22), primary_key=True),
    _workspace(),
    Column("salesforce_id", String(18)),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("source", String(20), nullable=False),
    Column("tags", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("workspace_id", "salesforce_id"),
    Index(None, "workspace_id", "created_at"),
)

positions = Table(
    "positions",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("replay_id", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("id", String(22), primary_key=True),
    _workspace(),
    Column("at", BigInteger, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("agent_email", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("host", String(20), nullable=False),
    Column("conversation", Text, nullable=False),
    Column("record_id", String(18), nullable=False),
    Column("field", Text, nullable=False),
    Column("old", JSON, nullable=False),
    Column("new", JSON, nullable=False),
    Column("outcome", String(10)),  # null while it is not known what became of the write
    Index(None, "workspace_id", "record_id", "at"),
)
