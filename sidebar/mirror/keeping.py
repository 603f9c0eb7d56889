"""Which fields our copy keeps of a Contact: what people are found and called by, and what a workspace of the org shows.

Only those that change events tell of: others would grow old here without anybody noticing.
"""

from collections.abc import Collection, Mapping
from typing import cast

from sidebar.orgs import Orgs
from sidebar.salesforce.client import Record
from sidebar.store import workspaces
from sidebar.store.database import Database

KEYS = ("FirstName", "MiddleName", "LastName", "Suffix", "Email", "Phone", "MobilePhone", "HomePhone", "OtherPhone")

_COMPOUND = ("address", "location")
_UNTOLD = frozenset(
    {
        "Id",
        "Name",
        "IsDeleted",
        "MasterRecordId",
        "SystemModstamp",
        "LastActivityDate",
        "LastViewedDate",
        "LastReferencedDate",
        "IsEmailBounced",
        "PhotoUrl",
    }
)
"""What is worked out of other records or fields: Change Data Capture Developer Guide, "Change Event Body Fields"."""


async def kept(database: Database, orgs: Orgs, org_id: str, workspace_id: str) -> frozenset[str]:
    """`workspace_id`: whose access lets us see. Raises what a client does."""
    described = await orgs.describe(workspace_id, "Contact")
    async with database.read() as connection:
        shown = [each.fields for each in await workspaces.of_org(connection, org_id)]
    return told(described) & frozenset(KEYS).union(addresses(described), *shown)


def addresses(described: Mapping[str, object]) -> frozenset[str]:
    """What people are found by, and the country their numbers are read in."""
    fields = cast("Collection[Record]", described["fields"])
    found = (str(each["name"]) for each in fields if each["type"] in ("email", "phone"))
    return frozenset(found) | {"MailingCountry", "MailingCountryCode"}


def told(described: Mapping[str, object]) -> frozenset[str]:
    """Of the fields of a describe those whose changes events tell."""
    fields = cast("Collection[Record]", described["fields"])
    plain = (each for each in fields if each["type"] not in _COMPOUND and not each.get("calculated"))
    return frozenset(str(each["name"]) for each in plain) - _UNTOLD
