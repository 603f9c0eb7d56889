"""A pretend Salesforce org: its users, records, rights, grants and everything that ever changed in it.

The doors (REST, OAuth, Pub/Sub, pages) translate; this room decides. It knows no HTTP and no gRPC. Times are
milliseconds UTC from the clock it is given; what callers see are rows and describes as REST answers them.
"""

import secrets
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sidebar.twin import errors, ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import describe, permissions, writes
from sidebar.twin.org.changes import Change, recalled
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.disk import Disk
from sidebar.twin.org.faults import Faults
from sidebar.twin.org.grants import Grants
from sidebar.twin.org.people import Actor, User, organization_row, seeded, user_row
from sidebar.twin.org.rows import JSON, Row, Stored, Table

NEWEST = "67.0"
SCOPES = ("api", "id", "refresh_token", "offline_access")
_KEPT = 72 * 60 * 60 * 1000
_DERIVED = {"Name", "PhotoUrl", "SystemModstamp"}


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
        self.started = clock()
        self.admin, self.integration, self.colleague = seeded()
        self.users = {user.id: user for user in (self.admin, self.integration, self.colleague)}
        self.profiles = permissions.profiles()
        self.rules = permissions.rules()
        self.redirect_uris = frozenset(redirect_uris)
        self.pkce_required = False
        self.rotation = False
        self.daily_limit = 15_000
        self.largest_page = 2_000  # real orgs may answer fewer records than asked for
        self.search_lag_ms = 0  # how long SOSL is blind to a new record
        self.changes: list[Change] = []
        self.first_change = 0  # how many changes older than 72 h were dropped before changes[0], at start-up only
        self._calls: deque[int] = deque()
        self._listeners: list[Callable[[Change], None]] = []
        self._disk = Disk(path)
        self.client_id = self._disk.setting("client_id", f"3MVG9{secrets.token_urlsafe(48)}")
        self.client_secret = self._disk.setting("client_secret", secrets.token_hex(32).upper())
        self.grants = Grants(self.id, clock, self._disk)
        self.faults = Faults(self.grants.expire_sessions)
        self.schema = describe.schema()
        self.tables = {sobject.name: Table(sobject) for sobject in self.schema.values()}
        self._recall()
        self._seed_people()

    # Who may do what

    def session(self, access_token: str) -> User | None:
        """The user of an access token; None when it is unknown, expired or revoked."""
        grant = self.grants.of_session(access_token)
        return self.users.get(grant.user_id) if grant else None

    def grant(self, user: User) -> str:
        """A ready access token, as if the user had just approved the app."""
        return self.grants.access_token(self.grants.open(user.id, list(SCOPES)))

    def fields(self, user: User, sobject: SObject) -> Mapping[str, Field]:
        """The fields this user may read, by lower-case name."""
        return permissions.visible(self.profiles[user.profile], sobject)

    def sobject(self, name: str) -> SObject:
        """The object of this name in any case. Raises NOT_FOUND."""
        if name.lower() not in self.schema:
            raise errors.not_found()
        return self.schema[name.lower()]

    def describe(self, user: User, object: str, version: str = NEWEST) -> dict[str, Any]:
        sobject = self.sobject(object)
        fields = permissions.described(self.profiles[user.profile], sobject, self.fields(user, sobject).values())
        urls = describe.urls(sobject, self.instance_url, version)
        return {**sobject.raw, "fields": fields, "urls": urls}

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
        used = self.daily_limit if self.faults.limit_exceeded else len(self._calls)
        return used, self.daily_limit

    # Records

    def locate(self, object: str, id: str) -> tuple[SObject, Table, Stored]:
        """A live record by its id of 15 or 18. Raises MALFORMED_ID, ENTITY_IS_DELETED, NOT_FOUND."""
        sobject = self.sobject(object)
        table = self.tables[sobject.name]
        whole = ids.full(id)
        if whole is None or not whole.startswith(sobject.prefix):
            raise errors.malformed_id("Record ID", id, "Id")
        if whole in table.bin:
            raise errors.deleted()
        if whole not in table.live:
            raise errors.not_found()
        return sobject, table, table.live[whole]

    def row(self, object: str, id: str) -> Row | None:
        """A whole record by its 18-character id; None when there is none or it was deleted."""
        table = self.tables[object]
        return table.whole(table.live[id]) if id in table.live else None

    def rows(self, object: str) -> Iterator[Row]:
        return self.tables[object].rows()

    def load(self, object: str, rows: Iterable[Mapping[str, JSON]]) -> list[str]:
        """Put records in as if they had always been there: no event, no rule. Returns their ids."""
        table = self.tables[object]
        stored = [table.put(self._defaults(table, self.admin) | dict(row)) for row in rows]
        self._disk.put(object, ((str(row["Id"]), row) for row in stored))
        return [str(row["Id"]) for row in stored]

    def create(self, actor: Actor, object: str, fields: Mapping[str, JSON]) -> str:
        """A new record's id. Raises SalesforceError, like update and delete."""
        sobject = self.sobject(object)
        if not sobject.createable:
            raise _not_possible("inserted", sobject)
        sent = writes.accepted(sobject, self.profiles[actor.user.profile], fields, creating=True)
        table = self.tables[sobject.name]
        row = self._defaults(table, actor.user) | sent
        self._check(sobject, row, sent)
        self._commit([self._change("CREATE", table, table.put(row), actor)])
        return str(row["Id"])

    def update(self, actor: Actor, object: str, id: str, fields: Mapping[str, JSON]) -> None:
        sobject, table, before = self.locate(object, id)
        if not sobject.updateable:
            raise _not_possible("updated", sobject)
        sent = writes.accepted(sobject, self.profiles[actor.user.profile], fields, creating=False)
        after = {**before, **sent, **self._modified(actor.user)}
        self._check(sobject, after, sent)
        stored = table.put(after)
        changed = _changed(sobject, before, stored)
        self._commit([self._change("UPDATE", table, stored, actor, changed)])

    def delete(self, actor: Actor, object: str, id: str) -> None:
        """Into the bin, with the records that cannot be without it; looser links to it are cut without an event."""
        sobject, _, before = self.locate(object, id)
        if not sobject.deletable:
            raise _not_possible("deleted", sobject)
        self._commit(self._deletions(actor, sobject, before))

    def on_change(self, listen: Callable[[Change], None]) -> None:
        """Call `listen` with every change, in commit order, right after it is kept."""
        self._listeners.append(listen)

    def close(self) -> None:
        self._disk.close()

    # How it is done

    def _check(self, sobject: SObject, row: Stored, sent: Stored) -> None:
        writes.check_required(sobject, row)
        for name, value in sent.items():
            if value is not None and sobject.fields[name.lower()].type == "reference":
                self._check_reference(sobject.fields[name.lower()], str(value))
        writes.check_rules(self.rules, sobject, row)

    def _check_reference(self, field: Field, id: str) -> None:
        table = self.tables[str(field.target)]
        if not id.startswith(table.sobject.prefix):
            raise errors.malformed_id(field.label, id, field.name)
        if id not in table.live:
            raise SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])

    def _defaults(self, table: Table, user: User) -> Row:
        now = moments.stamp(self.clock())
        owner: Row = {"OwnerId": user.id} if "ownerid" in table.sobject.fields else {}
        return {"Id": table.new_id(), "CreatedDate": now, "CreatedById": user.id, **owner, **self._modified(user)}

    def _modified(self, user: User) -> Row:
        now = moments.stamp(self.clock())
        return {"LastModifiedDate": now, "LastModifiedById": user.id, "SystemModstamp": now}

    def _deletions(self, actor: Actor, sobject: SObject, row: Stored) -> list[Change]:
        table = self.tables[sobject.name]
        id_ = str(row["Id"])
        changes = [self._change("DELETE", table, row, actor)]
        table.bury(id_)
        for child in sobject.children:
            other = self.tables[child.object]
            for orphan in [kept for kept in other.live.values() if kept.get(child.field) == id_]:
                if child.cascade:
                    changes += self._deletions(actor, other.sobject, orphan)
                else:
                    self._disk.put(child.object, [(str(orphan["Id"]), other.put({**orphan, child.field: None}))])
        return changes

    def _change(self, kind: str, table: Table, stored: Stored, actor: Actor, changed: tuple[str, ...] = ()) -> Change:
        whole = table.whole(stored)
        return Change(kind, table.sobject.name, str(stored["Id"]), whole, changed, actor, "", 0, self.clock())

    def _commit(self, changes: list[Change]) -> None:
        """Keep the changes of one transaction, then tell the listeners."""
        transaction = str(uuid.uuid4())
        numbered = [
            replace(change, transaction=transaction, sequence=number) for number, change in enumerate(changes, 1)
        ]
        for object_name in {change.object for change in numbered}:
            live = self.tables[object_name].live
            mine = [change for change in numbered if change.object == object_name]
            self._disk.put(object_name, ((change.id, live.get(change.id)) for change in mine))
        self._disk.put_changes((change.at, change.kept()) for change in numbered)
        self.changes += numbered
        for change in numbered:
            for listen in self._listeners:
                listen(change)

    def _recall(self) -> None:
        for name, table in self.tables.items():
            for id_, row in self._disk.rows(name):
                if row is None:
                    table.bin.add(id_)
                else:
                    table.put(row)
        self.first_change, kept = self._disk.changes(self.clock() - _KEPT)
        self.changes = [recalled(change, self.users) for change in kept]

    def _seed_people(self) -> None:
        if not self.tables["User"].live:
            self.load("User", map(user_row, self.users.values()))
        table = self.tables["Organization"]
        own = organization_row(self.id, self.name, self.edition, self.is_sandbox)
        table.put(self._defaults(table, self.admin) | own)


def _changed(sobject: SObject, before: Stored, after: Stored) -> tuple[str, ...]:
    """The fields a change event names: LastModifiedDate always, what is worked out of other fields never."""
    return tuple(
        field.name
        for field in sobject.fields.values()
        if field.name == "LastModifiedDate"
        or (before.get(field.name) != after.get(field.name) and (field.updateable or field.name not in _DERIVED))
    )


def _not_possible(done: str, sobject: SObject) -> SalesforceError:
    message = f"entity type cannot be {done}: {sobject.label}"
    return SalesforceError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, [])
