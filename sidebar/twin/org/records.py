"""The records of an org: found, created and changed under its rules, and derived fields filled in.

Every deed is one transaction of the ledger, or a savepoint of the one it is done in. Knows no door and no grant.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cache

from sidebar.twin import errors, ids, moments
from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import derived, duplicates, permissions, values, writes
from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.faults import Faults
from sidebar.twin.org.ledger import Ledger
from sidebar.twin.org.people import Actor, User
from sidebar.twin.org.permissions import Deed, Profile, Rule
from sidebar.twin.org.rows import JSON, Row, Stored, Table
from sidebar.twin.org.setup import Setup


class Records:
    """What an org does with its records; the org itself brings the rest."""

    schema: dict[str, SObject]
    tables: dict[str, Table]
    ledger: Ledger
    profiles: dict[str, Profile]
    rules: list[Rule]
    setup: Setup
    faults: Faults
    clock: Callable[[], int]
    admin: User

    def transaction(self) -> AbstractContextManager[None]:
        """What is written inside is one transaction; an exception undoes it. Inside another one it is a savepoint."""
        return self.ledger.transaction()

    def create(self, actor: Actor, object: str, fields: Mapping[str, JSON], *, allow_duplicates: bool = False) -> str:
        """A new record's id. `allow_duplicates` passes an alert of a duplicate rule. Raises SalesforceError."""
        with self.transaction():
            sobject, table = self.permitted(actor, object, "create")
            sent = self._accepted(actor, sobject, fields, creating=True)
            row = self._filled(sobject, {}, self.defaults(table, actor.user) | sent, sent)
            self._check(table, {}, row, sent, allow_duplicates)
            return str(self._noted(table, self.ledger.write(actor, table, row))["Id"])

    def update(
        self, actor: Actor, object: str, id: str, fields: Mapping[str, JSON], *, allow_duplicates: bool = False
    ) -> None:
        """Raises SalesforceError: what is wrong with the fields is told before what is wrong with the id."""
        with self.transaction():
            sobject, table = self.permitted(actor, object, "edit")
            sent = self._accepted(actor, sobject, fields, creating=False)
            _, _, before = self.locate(object, id)
            if before.get("IsConverted"):
                raise errors.converted_lead()
            row = self._filled(sobject, before, {**before, **sent, **self.modified(actor.user)}, sent)
            self._check(table, before, row, sent, allow_duplicates)
            self._noted(table, self.ledger.write(actor, table, row))

    def add(self, actor: Actor, object: str, fields: Row) -> str:
        """A record the org itself creates: no right and no rule is asked."""
        table = self.tables[object]
        row = self._filled(table.sobject, {}, self.defaults(table, actor.user) | fields, fields)
        return str(self._noted(table, self.ledger.write(actor, table, row))["Id"])

    def change(self, actor: Actor, table: Table, before: Stored, fields: Row) -> None:
        """What the org itself changes: no right and no rule is asked."""
        row = self._filled(table.sobject, before, {**before, **fields, **self.modified(actor.user)}, fields)
        self._noted(table, self.ledger.write(actor, table, row))

    def load(self, object: str, rows: Iterable[Mapping[str, JSON]]) -> list[str]:
        """Put records in as if they had always been there: no event, no rule. Returns their ids."""
        table = self.tables[object]
        stored = [self._loaded(table, dict(row)) for row in rows]
        self.ledger.disk.put(object, ((str(row["Id"]), row) for row in stored))
        with self.transaction():
            for row in stored:
                self._noted(table, row)
        return [str(row["Id"]) for row in stored]

    def find(self, object: str, field: str, value: str, user: User | None = None) -> list[str]:
        """The ids of the live records with this value in an external id or idLookup field. Raises NOT_FOUND."""
        sobject = self.sobject(object, user)
        known = (self.fields(user, sobject) if user else sobject.fields).get(field.lower())
        if known is None or not known.is_key:
            raise errors.no_such_key(field)
        wanted = ids.full(value) or value if known.type == "id" else str(values.from_text(known, value))
        return self._holders(self.tables[sobject.name], known, wanted)

    def locate(self, object: str, id: str) -> tuple[SObject, Table, Stored]:
        """A live record by its id of 15 or 18. Raises MALFORMED_ID, ENTITY_IS_DELETED, NOT_FOUND."""
        sobject = self.sobject(object)
        table = self.tables[sobject.name]
        whole = whole_id(sobject, id)
        if whole in table.bin:
            raise errors.deleted()
        if whole not in table.live:
            raise errors.not_found()
        return sobject, table, table.live[whole]

    def table_of(self, id: str) -> Table | None:
        return next((table for table in self.tables.values() if id[:3] == table.sobject.prefix), None)

    def record(self, id: JSON) -> Stored:
        """The live record of this 18-character id, whatever its object; an empty one where there is none."""
        table = self.table_of(str(id))
        return table.live.get(str(id), {}) if table else {}

    def sobject(self, name: str, user: User | None = None) -> SObject:
        """The object of this name in any case. Raises NOT_FOUND, also where this user may not read it."""
        sobject = self.schema.get(name.lower())
        if sobject is None or (user and not self.profiles[user.profile].may("read", sobject.name)):
            raise errors.not_found()
        return sobject

    def fields(self, user: User, sobject: SObject) -> Mapping[str, Field]:
        """The fields this user may read, by lower-case name. No permission rules Ids, names and dates of the org's."""
        seen = permissions.visible(self.profiles[user.profile], sobject)
        if not self.faults.withdrawn_fields:
            return seen
        gone = {name.lower() for name in self.faults.withdrawn_fields}
        lost = {key for key in seen if f"{sobject.name}.{key}".lower() in gone and seen[key].raw["permissionable"]}
        return {key: field for key, field in seen.items() if key not in lost}

    def permitted(self, actor: Actor, object: str, deed: Deed) -> tuple[SObject, Table]:
        """The object, when this user may do this with it. Raises NOT_FOUND, INSUFFICIENT_ACCESS_OR_READONLY."""
        sobject = self.sobject(object, actor.user)
        if not {"create": sobject.createable, "edit": sobject.updateable, "delete": sobject.deletable}[deed]:
            raise errors.not_possible(deed, sobject.label)
        if not self.profiles[actor.user.profile].may(deed, sobject.name):
            raise errors.no_access()
        return sobject, self.tables[sobject.name]

    def check_lock(self, row: Stored) -> None:
        if self.faults.spend("locked_rows"):
            raise errors.locked_row(str(row["Id"]))

    def check_unique(self, table: Table, row: Stored) -> None:
        for field in table.sobject.fields.values():
            if field.unique and (value := row.get(field.name)) is not None:
                for other in set(self._holders(table, field, str(value))) - {row["Id"]}:
                    raise errors.duplicate_value(field.name, other)

    def defaults(self, table: Table, user: User) -> Row:
        id_, now = table.new_id(), moments.stamp(self.clock())
        made: Row = {"Id": id_, "CreatedDate": now, "CreatedById": user.id}
        owner: Row = {"OwnerId": user.id} if "ownerid" in table.sobject.fields else {}
        numbered: Row = {name: _numbered(form, ids.number(id_)) for name, form in _number_formats(table.sobject)}
        return {**_preset(table.sobject), **made, **numbered, **owner, **self.modified(user)}

    def modified(self, user: User) -> Row:
        now = moments.stamp(self.clock())
        return {"LastModifiedDate": now, "LastModifiedById": user.id, "SystemModstamp": now}

    # How it is done

    def _loaded(self, table: Table, given: Row) -> Stored:
        row = self.defaults(table, self.admin) | given
        return table.put(self._filled(table.sobject, {}, row, given) | given)

    def _accepted(self, actor: Actor, sobject: SObject, fields: Mapping[str, JSON], *, creating: bool) -> Row:
        readable, profile = self.fields(actor.user, sobject), self.profiles[actor.user.profile]
        return writes.accepted(sobject, readable, profile, fields, creating=creating)

    def _filled(self, sobject: SObject, before: Stored, row: Row, sent: Stored) -> Row:
        now = moments.stamp(self.clock())
        return row | derived.filled_in(sobject.name, before, row, sent, now, self.record)

    def _check(self, table: Table, before: Stored, row: Stored, sent: Stored, allow_duplicates: bool) -> None:
        sobject = table.sobject
        self.check_lock(row)
        writes.check_required(sobject, row, sent)
        for name, value in sent.items():
            if value is not None and sobject.fields[name.lower()].type == "reference":
                self._check_reference(sobject, sobject.fields[name.lower()], str(value))
        self.check_unique(table, row)
        writes.check_rules(self.rules, sobject, row)
        modes = {"Contact": self.setup.contact_duplicates, "Lead": self.setup.lead_duplicates}
        mode = modes.get(sobject.name, "off")
        duplicates.check(table, mode, before, row, allowed=allow_duplicates)

    def _check_reference(self, sobject: SObject, field: Field, id: str) -> None:
        table = self.table_of(id)
        if table is None or table.sobject.name not in field.targets:
            raise errors.malformed_id(field.label, id, field.name)
        if id in table.bin:
            raise errors.deleted()
        if id not in table.live:
            raise errors.no_such_reference()
        if field.name == "RecordTypeId":
            _check_record_type(sobject, field, id)
        elif field.name == "OwnerId" and not table.live[id].get("IsActive"):
            raise errors.inactive_owner(id, sobject.label)
        elif table.live[id].get("IsConverted"):
            raise errors.converted_lead()

    def _holders(self, table: Table, field: Field, value: str) -> list[str]:
        """Who has this value: to the letter where the field tells cases apart."""
        found = table.lookup(field.name, [value]) or set()
        return sorted(id_ for id_ in found if not field.case_sensitive or str(table.live[id_][field.name]) == value)

    def _noted(self, table: Table, row: Stored) -> Stored:
        """The row just kept; those a task was about hear of their last activity without an event."""
        for id_, day in derived.last_activity(row, self.record) if table.sobject.name == "Task" else ():
            if (about := self.table_of(id_)) and "lastactivitydate" in about.sobject.fields:
                self.ledger.write(None, about, {**about.live[id_], "LastActivityDate": day})
        return row


def whole_id(sobject: SObject, id: str) -> str:
    """The 18 characters of an id of this object. Raises MALFORMED_ID."""
    whole = ids.full(id)
    if whole is None or not whole.startswith(sobject.prefix):
        raise errors.malformed_id("Record ID", id, "Id")
    return whole


def _check_record_type(sobject: SObject, field: Field, id: str) -> None:
    if id not in {kind.id for kind in sobject.record_types if kind.active}:
        message = f"{field.label}: this ID value isn't valid for the user: {id}"
        raise SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", message, [field.name])


@cache
def _preset(sobject: SObject) -> Mapping[str, JSON]:
    """What a new record of the object has when nothing is sent; false goes without saying."""
    preset: Row = {field.name: field.default for field in sobject.fields.values() if field.default not in (None, False)}
    kind: Row = {"RecordTypeId": sobject.default_record_type} if "recordtypeid" in sobject.fields else {}
    return preset | kind


@cache
def _number_formats(sobject: SObject) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, field.auto_number) for field in sobject.fields.values() if field.auto_number)


def _numbered(form: str, number: int) -> str:
    """SUB-{00000} and 7 give SUB-00007."""
    before, _, rest = form.partition("{")
    zeros, _, after = rest.partition("}")
    return f"{before}{number:0{len(zeros)}}{after}"
