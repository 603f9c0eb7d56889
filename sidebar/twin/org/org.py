"""A pretend Salesforce org: its users, records, rights, grants and everything that ever changed in it.

The doors (REST, OAuth, Pub/Sub, pages) translate; this room decides. It knows no HTTP and no gRPC. Times are
milliseconds UTC from the clock it is given; what callers see are rows and describes as REST answers them.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sidebar.twin import ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import (
    conversions,
    customised,
    deletion,
    describe,
    formulas,
    lead_conversion,
    merging,
    permissions,
    recordtypes,
)
from sidebar.twin.org.changes import Change, recalled
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.disk import Disk
from sidebar.twin.org.faults import Faults
from sidebar.twin.org.grants import LASTING, Grants
from sidebar.twin.org.lead_conversion import CONVERTED, Converted
from sidebar.twin.org.ledger import Ledger
from sidebar.twin.org.people import Actor, User, organization_row, seeded, user_row
from sidebar.twin.org.records import NEWEST, Records
from sidebar.twin.org.rows import JSON, Row, Stored, Table
from sidebar.twin.org.setup import Setup

SESSION_SCOPES = ("api", "id")
SCOPES = (*SESSION_SCOPES, *sorted(LASTING))
_KEPT = 72 * 60 * 60 * 1000


class Org:
    """With a `path` (a SQLite file) an org that is started again finds itself as it was left.

    Redirect URIs on this machine (localhost, 127.0.0.1, any port) are always accepted, others when registered."""

    def __init__(
        self,
        *,
        clock: Callable[[], int],
        instance_url: str,
        path: Path | None = None,
        name: str = "Brightside Demo Org",
        is_sandbox: bool = False,
        redirect_uris: Iterable[str] = (),
    ) -> None:
        self.id = ids.checked("00D5e000000TWIN")
        self.name = name
        self.edition = "Developer Edition"
        self.is_sandbox = is_sandbox
        self.instance_url = instance_url.rstrip("/")
        self.clock = clock
        self.described = clock()  # when objects or fields last changed
        self.admin, self.integration, self.colleague = seeded()
        self.users = {user.id: user for user in (self.admin, self.integration, self.colleague)}
        self.profiles = permissions.profiles()
        self.rules = permissions.rules()
        self.redirect_uris = frozenset(redirect_uris)
        self.setup = Setup()
        self.faults = Faults()
        self.first_change = 0  # how many changes older than 72 h were dropped before changes[0], at start-up only
        self._calls: deque[int] = deque()
        self._disk = Disk(path)
        self.client_id = self._disk.setting("client_id", f"3MVG9{secrets.token_urlsafe(48)}")
        self.client_secret = self._disk.setting("client_secret", secrets.token_hex(32).upper())
        self.grants = Grants(self.id, clock, self._disk, self.setup)
        self.faults.does("expire_sessions", self.grants.expire_sessions)
        self.schema = self._schema()
        self.tables = {sobject.name: Table(sobject) for sobject in self.schema.values()}
        self.ledger = Ledger(self._disk, clock, self.setup, self.faults)
        self.records = Records(
            self.schema, self.tables, self.ledger, self.profiles, self.rules, self.setup, self.faults, clock
        )
        self._recall()
        self._seed_people()

    # Who may do what

    def session(self, access_token: str) -> User | None:
        """The user of an access token; None when it is unknown, expired or revoked."""
        grant = self.grants.of_session(access_token)
        return self.users.get(grant.user_id) if grant else None

    def grant(self, user: User) -> str:
        """A ready access token, as if the user had just approved the app for one session."""
        return self.grants.access_token(self.grants.open(user.id, SESSION_SCOPES))

    def fields(self, user: User, sobject: SObject) -> Mapping[str, Field]:
        """The fields this user may read, by lower-case name."""
        return self.records.readable(user, sobject)

    def sobjects(self, user: User) -> list[SObject]:
        """The objects this user may read."""
        return [found for found in self.schema.values() if self.profiles[user.profile].may("read", found.name)]

    def sobject(self, name: str, user: User | None = None) -> SObject:
        """The object of this name in any case. Raises NOT_FOUND, also where this user may not read it."""
        return self.records.sobject(name, user)

    def describe(self, user: User, object: str, version: str = NEWEST) -> dict[str, Any]:
        sobject, profile = self.sobject(object, user), self.profiles[user.profile]
        fields = permissions.described(profile, sobject, self.fields(user, sobject).values())
        urls = describe.urls(sobject, self.instance_url, version)
        kinds = describe.record_type_infos(sobject, version)
        rights = permissions.rights(profile, sobject)
        return {**sobject.raw, **rights, "fields": fields, "recordTypeInfos": kinds, "urls": urls}

    def count_call(self) -> bool:
        """Count one API call; False, and uncounted, when none is left."""
        used, allowed = self.calls()
        if self.faults.limit_exceeded or used >= allowed:
            return False
        self._calls.append(self.clock())
        return True

    def calls(self) -> tuple[int, int]:
        """API calls of the last 24 hours, and how many there may be."""
        while self._calls and self._calls[0] <= self.clock() - moments.DAY:
            self._calls.popleft()
        limit = self.setup.daily_limit
        return limit if self.faults.limit_exceeded else len(self._calls), limit

    def add_field(
        self, object: str, *, name: str, label: str, type: str, length: int = 255, values: Iterable[str] = ()
    ) -> None:
        """What an administrator does in Setup: a new custom field, from now on in describes and events."""
        raw = describe.custom_field(name, label, type, length, values)
        _check_stored(object, name)
        self._know(describe.with_field(self.sobject(object), raw))

    def change_type(self, object: str, name: str, type: str, length: int = 255) -> None:
        """What an administrator does in Setup: another type for a custom field. What it cannot hold is lost."""
        old = self.sobject(object).fields[name.lower()]
        _check_stored(object, old.name)
        raw = describe.custom_field(old.name, old.label, type, length)
        with self.transaction():
            self._know(describe.with_field(self.sobject(object), raw))
            conversions.convert(self.ledger, self.tables[object], old, Actor(self.admin, ""))

    def remove_field(self, object: str, name: str) -> None:
        self._know(describe.without_field(self.sobject(object), name))

    # Records

    @property
    def changes(self) -> list[Change]:
        """Every change of the last 72 hours in commit order; it only grows."""
        return self.ledger.changes

    def transaction(self) -> AbstractContextManager[None]:
        """What is written inside is one transaction; an exception undoes it. Inside another one it is a savepoint."""
        return self.ledger.transaction()

    def locate(self, object: str, id: str) -> tuple[SObject, Table, Stored]:
        """A live record by its id of 15 or 18. Raises MALFORMED_ID, ENTITY_IS_DELETED, NOT_FOUND."""
        return self.records.locate(object, id)

    def find(self, object: str, field: str, value: str, user: User | None = None) -> list[str]:
        """The ids of the live records with this value in an external id or idLookup field. Raises NOT_FOUND."""
        return self.records.find(object, field, value, user)

    def row(self, object: str, id: str) -> Row | None:
        """A whole record by its 18-character id; None when there is none or it was deleted."""
        table = self.tables[object]
        return table.whole(table.live[id]) if id in table.live else None

    def rows(self, object: str) -> Iterator[Row]:
        return self.tables[object].rows()

    def load(self, object: str, rows: Iterable[Mapping[str, JSON]]) -> list[str]:
        """Put records in as if they had always been there: no event, no rule. Returns their ids."""
        stored = self.records.load(object, rows, self.admin)
        self._disk.put(object, ((str(row["Id"]), row) for row in stored))
        return [str(row["Id"]) for row in stored]

    def create(self, actor: Actor, object: str, fields: Mapping[str, JSON], *, allow_duplicates: bool = False) -> str:
        """A new record's id. `allow_duplicates` passes an alert of a duplicate rule. Raises SalesforceError, like all
        that follow."""
        return self.records.create(actor, object, fields, allow_duplicates=allow_duplicates)

    def update(
        self, actor: Actor, object: str, id: str, fields: Mapping[str, JSON], *, allow_duplicates: bool = False
    ) -> None:
        self.records.update(actor, object, id, fields, allow_duplicates=allow_duplicates)

    def delete(self, actor: Actor, object: str, id: str) -> None:
        """Into the bin, with the records that cannot be without it; looser links to it are cut without an event."""
        deletion.delete(self.records, actor, object, id)

    def undelete(self, actor: Actor, object: str, id: str) -> None:
        """Out of the bin, with the records that went along."""
        deletion.undelete(self.records, actor, object, id)

    def purge(self, actor: Actor, object: str, id: str) -> None:
        """For ever, from the bin or from among the living."""
        deletion.purge(self.records, actor, object, id)

    def merge(
        self,
        actor: Actor,
        object: str,
        master: str,
        losers: Sequence[str],
        fields: Mapping[str, JSON] = MappingProxyType({}),
    ) -> None:
        """One or two records become part of the master, which takes over `fields`."""
        merging.merge(self.records, actor, object, master, losers, fields)

    def convert_lead(
        self,
        actor: Actor,
        lead: str,
        *,
        account: str | None = None,
        contact: str | None = None,
        opportunity_name: str | None = None,
        status: str = CONVERTED,
    ) -> Converted:
        """Into the given account and contact, or new ones; an opportunity is made when it has a name."""
        return lead_conversion.convert(self.records, actor, lead, account, contact, opportunity_name, status)

    def on_change(self, listen: Callable[[Change], None]) -> None:
        """Call `listen` with every change, in commit order, right after it is kept."""
        self.ledger.listen(listen)

    def close(self) -> None:
        self._disk.close()

    # How it is done

    def _know(self, sobject: SObject) -> None:
        self.schema[sobject.name.lower()] = self.tables[sobject.name].sobject = sobject
        self.described = self.clock()
        new = describe.schema()[sobject.name.lower()]
        self._disk.keep(f"object {sobject.name}", customised.written(new, sobject))

    def _schema(self) -> dict[str, SObject]:
        return {
            key: customised.restored(new, self._disk.setting(f"object {new.name}", customised.written(new, new)))
            for key, new in describe.schema().items()
        }

    def _recall(self) -> None:
        for name, table in self.tables.items():
            for id_, row in self._disk.rows(name):
                if row is None:
                    table.retire(id_)
                else:
                    table.put(row)
        self.first_change, kept = self._disk.changes(self.clock() - _KEPT)
        self.ledger.changes += (recalled(change, self.users, self.schema) for change in kept)

    def _seed_people(self) -> None:
        own = organization_row(self.id, self.name, self.edition, self.is_sandbox)
        self._stand("User", map(user_row, self.users.values()))
        self._stand("Organization", [own])
        self._stand("RecordType", (dict(kind) for kind in recordtypes.rows(self.schema.values())))
        self.tables["Organization"].put({**self.tables["Organization"].live[self.id], **own})

    def _stand(self, object: str, rows: Iterable[Row]) -> None:
        self.load(object, [row for row in rows if row["Id"] not in self.tables[object].live])


def _check_stored(object_name: str, field: str) -> None:
    """Raises INVALID_FIELD for a field the org works out: what comes of it has one type for ever."""
    if formulas.known(object_name, field):
        raise SalesforceError(400, "INVALID_FIELD", f"The org works out {field}: its type cannot be changed", [field])
