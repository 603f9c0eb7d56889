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
    Column("auto_create_since", BigInteger),  # when it was last switched on; null: before that was kept
    Column("tag_created", Boolean, nullable=False),  # auto-created contacts carry the system tag
    Column("include_bulk", Boolean, nullable=False),  # contacts of bulk imports become local contacts, too
    Column("live", Boolean, nullable=False),  # mirrored values count as fresh while the stream is alive
    Column("policy", String(20), nullable=False),  # contacts, contact_first, lead_first: who may be shown, and first
    Column("api_key_hash", String(64), index=True, unique=True),  # SHA-256 of the key of the JSON API; null: none yet
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
    Column("dormant", Boolean, nullable=False),  # of a bulk import, and no conversation yet
    Column("evidence", Text),  # why it counts as a bulk import
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("workspace_id", "salesforce_id"),
    # everything lists are ordered and filtered by, so that one is found without looking at the rows
    Index("ix_contacts_list", "workspace_id", "created_at", "id", "source", "dormant", "salesforce_id"),
)

contact_keys = Table(  # strong keys: two people never share one
    "contact_keys",
    metadata,
    _workspace(primary_key=True),
    Column("key", Text, primary_key=True),  # "email:…", "phone:+…", "customer:…" or "conversation:…"
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
)

contact_terms = Table(  # what typed text and exact questions find contacts by; people may share these
    "contact_terms",
    metadata,
    _workspace(primary_key=True),
    Column("term", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),  # ordered by its bytes
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True),
)

contact_tags = Table(  # the tags of contacts once more, in the order of lists
    "contact_tags",
    metadata,
    _workspace(primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("created_at", BigInteger, primary_key=True),  # the contact's
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True),
)

active_contacts = Table(  # who had a conversation in which month
    "active_contacts",
    metadata,
    _workspace(primary_key=True),
    Column("month", String(7), primary_key=True),  # 2026-11, UTC
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
)

records = Table(  # the mirror: what we know of each Contact of an org
    "records",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("id", String(18), primary_key=True),
    Column("values", JSON, nullable=False),  # chosen fields by API name, as REST writes them
    Column("modified_at", BigInteger, nullable=False),  # LastModifiedDate in ms; 0 where it is not known
    Column("appeared_at", BigInteger, nullable=False),  # when it was created or undeleted
    Column("deleted", Boolean, nullable=False),
    Column("dirty", Boolean, nullable=False),  # to be read again before it counts
    Column("arrival", String(4), nullable=False),  # old, due, done: whether it may become a local contact
    Column("sweep", BigInteger, nullable=False),  # the last walk that saw it
    Index(None, "org_id", "dirty", "id"),
)

record_marks = Table(  # by which addresses records may be found
    "record_marks",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("mark", Text, primary_key=True),  # "e:" and an e-mail address, "p:" and the last digits of a number
    Column("record_id", String(18), primary_key=True),
    Index(None, "org_id", "record_id"),
)

sweeps = Table(  # the walks through all Contacts of an org; one runs at a time
    "sweeps",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),  # first, position, overflow, wildcard, unreadable, fields, periodic
    Column("then", String(20), nullable=False),  # why another is to follow; empty where none is
    Column("columns", JSON, nullable=False),  # the fields it reads
    Column("cursor", String(18), nullable=False),  # the last id that was read; empty at the start
    Column("counted", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("changed", BigInteger, nullable=False),
    Column("missing", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),  # null while it runs
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", String(22), nullable=False),
    Column("until", BigInteger, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("replay_id", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),  # taken in since the connection
    Column("gaps", BigInteger, nullable=False),
    Column("event_at", BigInteger),  # when the last event was committed in Salesforce
    Column("lag", BigInteger),  # in ms, from that commit until its effect was kept here
    Column("lost_at", BigInteger),  # when the stream broke; null while it is heard
    Column("refused_at", BigInteger),  # when Salesforce last knew the position no more, and all was read again
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

picks = Table(  # whom people said that a customer is, or is not; kept when it no longer holds
    "picks",
    metadata,
    Column("id", String(22), primary_key=True),
    _workspace(),
    Column("customer", String(64), nullable=False),  # SHA-256 of what the customer is known by
    Column("record_id", String(18), nullable=False, index=True),
    Column("was", String(18)),  # the record it was said of, before that became this one
    Column("picked", Boolean, nullable=False),  # false: it is not this person
    Column("at", BigInteger, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("agent_email", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("host", String(20), nullable=False),
    Column("conversation", Text, nullable=False),
    Column("ended_at", BigInteger),  # null while it holds
    Column("ended_why", String(10)),  # revoked, replaced, merged, deleted
    Column("ended_by", Text),  # the e-mail of the agent, where one ended it
    Index(None, "workspace_id", "customer", "at"),
)

receipts = Table(  # why a look-up gave its answer; kept for weeks, its addresses for a day
    "receipts",
    metadata,
    Column("id", String(22), primary_key=True),
    _workspace(),
    Column("customer", String(64), nullable=False),  # as in picks; empty where nobody can be remembered
    Column("at", BigInteger, nullable=False, index=True),
    Column("receipt", JSON, nullable=False),
    Column("masked", Boolean, nullable=False),
)

calls = Table(  # of Salesforce's API, by what they were for
    "calls",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("hour", BigInteger, primary_key=True),  # when it began, ms
    Column("purpose", String(20), primary_key=True),
    Column("calls", BigInteger, nullable=False),
)

allowances = Table(  # what each hour's last answer said of the org's API requests of 24 hours
    "allowances",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("allowed", BigInteger, nullable=False),
)
