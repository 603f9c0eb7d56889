"""Local contacts follow the records they have. Must not know how a change came to be known."""

from collections.abc import Collection, Iterable, Mapping

from sidebar.contacts.following import Step, changes, take_over
from sidebar.store import contacts
from sidebar.store.database import AsyncConnection
from sidebar.store.records import Record


async def follow(
    connection: AsyncConnection, org_id: str, before: Mapping[str, Record], now: Iterable[Record], but: Collection[str]
) -> None:
    """In every workspace of the org. `but`: ids of contacts that were made of these records just now."""
    former = {id: record.values for id, record in before.items()}
    changed = {each.id: each.values for each in now if each.counts and changes(former.get(each.id, {}), each.values)}
    linked = await contacts.of_records(connection, org_id, list(changed))
    theirs = [(contact, str(contact.salesforce_id), region) for contact, region in linked if contact.id not in but]
    await take_over(
        connection, [Step(contact, former.get(id, {}), changed[id], region) for contact, id, region in theirs]
    )
