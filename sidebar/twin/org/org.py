"""A pretend Salesforce org: its users, records, rights, grants and everything that ever changed in it.

The doors (REST, OAuth, Pub/Sub, pages) translate; this room decides. It knows no HTTP and no gRPC. Times are
milliseconds UTC from the clock it is given; what callers see are rows and describes as REST answers them.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sidebar.twin import ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import (
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
from sidebar.twin.org.describe import SObject
from sidebar.twin.org.disk import Disk
from sidebar.twin.org.faults import Faults
from sidebar.twin.org.grants import LASTING, Grants
from sidebar.twin.org.lead_conversion import Converted
from sidebar.twin.org.ledger import Ledger
from sidebar.twin.org.people import Actor, User, organization_row, seeded, user_row
from sidebar.twin.org.records import Records
from sidebar.twin.org.rows import Row, Table
from sidebar.twin.org.setup import Setup

SESSION_SCOPES = ("api", "id")
SCOPES = (*SESSION_SCOPES, *sorted(LASTING))
_KEPT = 72 * 60 * 60 * 1000


class Org(Records):
    """With a `path` (a SQLite file) an org that is started again finds itself as it was left.

    Redirect URIs on this machine (localhost, 127.0.0.1, any port) are always accepted, others when registered."""

    def __init__(
        self,
        *,
        clock: Callable[[], int],
        instance_url: str,
        path: Path | None = None,
        redirect_uris: Iterable[str] = (),
    ) -> None:
        self.id = ids.checked("00D5e000000TWIN")
        self.name = "Brightside Demo Org"
        self.edition = "Developer Edition"
        self.is_sandbox = False
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
        self._calls: deque[int] = deque()
        self._disk = Disk(path)
        self.client_id = self._disk.setting("client_id", f"3MVG9{secrets.token_urlsafe(48)}")
        self.client_secret = self._disk.setting("client_secret", secrets.token_hex(32).upper())
        self.grants = Grants(self.id, clock, self._disk, self.setup)
        self.faults.does("expire_sessions", self.grants.expire_sessions)
        self.schema = self._schema()
        self.tables = {sobject.name: Table(sobject) for sobject in self.schema.values()}
        self.ledger = Ledger(self._disk, clock, self.setup, self.faults)
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

    def identity(self, user_id: str) -> str:
        """The address that stands for a user, in token answers and elsewhere."""
        return f"{self.instance_url}/id/{self.id}/{user_id}"

    def sobjects(self, user: User) -> list[SObject]:
        """The objects this user may read."""
        return [found for found in self.schema.values() if self.profiles[user.profile].may("read", found.name)]

    def describe(self, user: User, object: str, version: str = describe.NEWEST) -> dict[str, Any]:
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
            customised.convert(self.ledger, self.tables[object], old, Actor(self.admin, ""))

    def remove_field(self, object: str, name: str) -> None:
        self._know(describe.without_field(self.sobject(object), name))

    # Records

    @property
    def changes(self) -> list[Change]:
        """Every change of the last 72 hours in commit order; it only grows."""
        return self.ledger.changes

    def row(self, object: str, id: str) -> Row | None:
        """A whole record by its 18-character id; None when there is none or it was deleted."""
        table = self.tables[object]
        return table.whole(table.live[id]) if id in table.live else None

    def rows(self, object: str) -> Iterator[Row]:
        return self.tables[object].rows()

    def delete(self, actor: Actor, object: str, id: str) -> None:
        """Into the bin, with the records that cannot be without it; looser links to it are cut without an event."""
        deletion.delete(self, actor, object, id)

    def undelete(self, actor: Actor, object: str, id: str) -> None:
        """Out of the bin, with the records that went along."""
        deletion.undelete(self, actor, object, id)

    def purge(self, actor: Actor, object: str, id: str) -> None:
        """For ever, from the bin or from among the living."""
        deletion.purge(self, actor, object, id)

    def merge(self, actor: Actor, object: str, master: str, losers: Sequence[str]) -> None:
        """One or two records become part of the master."""
        merging.merge(self, actor, object, master, losers)

    def convert_lead(
        self,
        actor: Actor,
        lead: str,
        *,
        account: str | None = None,
        contact: str | None = None,
        opportunity_name: str | None = None,
    ) -> Converted:
        """Into the given account and contact, or new ones; an opportunity is made when it has a name."""
        return lead_conversion.convert(self, actor, lead, account, contact, opportunity_name)

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
        kept = self._disk.changes(self.clock() - _KEPT)
        self.ledger.changes += (recalled(change, self.users, self.schema) for change in kept)

    def _seed_people(self) -> None:
        own = organization_row(self.id, self.name, self.edition)
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
