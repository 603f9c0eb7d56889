"""A lead becomes a contact of an account, with an opportunity where one is wanted.

New records are made of the lead's values; of given ones only empty fields are filled. The lead stays, closed for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sidebar.twin import errors, moments
from sidebar.twin.org import formulas
from sidebar.twin.org.people import Actor
from sidebar.twin.org.records import Records
from sidebar.twin.org.rows import Row, Stored

_CONVERTED = "Closed - Converted"
_PLACE = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
_BOTH = {name: name for name in ("Phone", "Fax", "OwnerId")}
_ACCOUNT = (
    {"Name": "Company"}
    | {name: name for name in ("Website", "Industry", "AnnualRevenue", "NumberOfEmployees", "Rating")}
    | {f"Billing{part}": part for part in _PLACE}
)
_CONTACT = {
    name: name
    for name in ("FirstName", "LastName", "Salutation", "Title", "Email", "MobilePhone", "LeadSource", "Description")
} | {f"Mailing{part}": part for part in _PLACE}
_FIRST_STAGE = "Prospecting"


@dataclass(frozen=True, slots=True)
class Converted:
    account: str
    contact: str
    opportunity: str | None


def convert(
    records: Records,
    actor: Actor,
    lead: str,
    account: str | None,
    contact: str | None,
    opportunity_name: str | None,
) -> Converted:
    """Raises SalesforceError; a given contact has to belong to the given account."""
    with records.transaction():
        records.permitted(actor, "Lead", "edit")
        for made in ("Account", "Contact", *(["Opportunity"] if opportunity_name else [])):
            records.permitted(actor, made, "create")
        _, table, row = records.locate("Lead", lead)
        if row.get("IsConverted"):
            raise errors.converted_lead()
        given = _given(records, account, contact)
        into = _made(records, actor, "Account", given[0], _taken(row, _BOTH | _ACCOUNT))
        person = _made(records, actor, "Contact", given[1], _taken(row, _BOTH | _CONTACT) | {"AccountId": into})
        deal = _opportunity(records, actor, row, into, opportunity_name) if opportunity_name else None
        became = Converted(into, person, deal)
        records.change(actor, table, row, _became(records, became))
        _move_tasks(records, actor, str(row["Id"]), person)
        return became


def _given(records: Records, account: str | None, contact: str | None) -> tuple[str | None, str | None]:
    """Their ids of 18."""
    into = str(records.locate("Account", account)[2]["Id"]) if account else None
    person = records.locate("Contact", contact)[2] if contact else {}
    if person and (into is None or person.get("AccountId") != into):
        raise errors.no_such_reference()
    return into, str(person["Id"]) if person else None


def _opportunity(records: Records, actor: Actor, lead: Stored, account: str, name: str) -> str:
    deal: Row = {"Name": name, "AccountId": account, "StageName": _FIRST_STAGE}
    closing = _end_of_quarter(moments.day(records.clock())).isoformat()
    taken = _taken(lead, {"OwnerId": "OwnerId", "LeadSource": "LeadSource"})
    return records.add(actor, "Opportunity", deal | taken | {"CloseDate": closing})


def _made(records: Records, actor: Actor, object: str, given: str | None, fields: Row) -> str:
    if given is None:
        return records.add(actor, object, fields)
    table = records.tables[object]
    before = table.live[given]
    if filled := {name: value for name, value in fields.items() if name not in before}:
        records.change(actor, table, before, filled)
    return given


def _taken(lead: Stored, names: Mapping[str, str]) -> Row:
    return {name: lead[source] for name, source in names.items() if source in lead}


def _became(records: Records, ids: Converted) -> Row:
    return {
        "Status": _CONVERTED,
        "IsConverted": True,
        "ConvertedDate": moments.day(records.clock()).isoformat(),
        "ConvertedAccountId": ids.account,
        "ConvertedContactId": ids.contact,
        "ConvertedOpportunityId": ids.opportunity,
    }


def _move_tasks(records: Records, actor: Actor, lead: str, contact: str) -> None:
    """The open ones; what was done with the lead stays the lead's."""
    tasks = records.tables["Task"]
    for id_ in sorted(tasks.lookup("WhoId", [lead]) or ()):
        if not formulas.value("Task", "IsClosed", tasks.live[id_]):
            records.change(actor, tasks, tasks.live[id_], {"WhoId": contact})


def _end_of_quarter(day: date) -> date:
    month = (day.month - 1) // 3 * 3 + 4
    return date(day.year + month // 13, (month - 1) % 12 + 1, 1) - timedelta(days=1)
