"""Customers to open: people of the demo's org as an inbox would know them, by e-mail or by phone."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from sidebar.identity import phone_key, region_of
from sidebar.stage import Stage

_BY_PHONE_EVERY = 3


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is the Contact's; addresses as the inbox has them, phones in E.164."""

    id: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    country: str


async def people(stage: Stage, wanted: int) -> Sequence[Person]:
    """Every third is known by phone alone where the org has a whole number of theirs, the others by e-mail alone."""
    line = stage.twin.first_line()
    soql = "SELECT Id, Email, Phone, MobilePhone, MailingCountry FROM Contact WHERE Email != null ORDER BY Id LIMIT 250"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {line['access_token']}"}) as http:
        version = stage.house.settings.api_version
        answer = await http.get(f"{stage.twin.instance_url}/services/data/v{version}/query", params={"q": soql})
    records = answer.raise_for_status().json()["records"]
    return [_person(number, record) for number, record in enumerate(records)][:wanted]


def _person(number: int, record: dict[str, str | None]) -> Person:
    country = region_of(record["MailingCountry"] or "")
    phone = phone_key(record["MobilePhone"] or record["Phone"] or "", [country])
    if number % _BY_PHONE_EVERY == 0 and phone and phone.startswith("+"):
        return Person(str(record["Id"]), (), (phone,), country)
    return Person(str(record["Id"]), (str(record["Email"]),), (), country)
