"""A process of its own: agents who ask by simple-salesforce, one call for each question, a thread for each agent.

As little as a script can do: the address as it is written in the org, by query or by search, the same columns.
"""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import phonenumbers
import requests
from simple_salesforce import Salesforce, format_soql

from bench.asked import play
from bench.people import Person
from bench.process import listen_to_orders

_MOST_AGENTS = 100
_COLUMNS = "Id, Name, Email, Phone, Title, MailingCity, MailingCountry, LastModifiedDate"


class Threads:
    """A session for each, whose connection stays open."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(_MOST_AGENTS)

    async def find(self, person: Person) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._find, person)

    def _find(self, person: Person) -> str:
        found = _by_email(self._salesforce(), person) if person.emails else _by_phone(self._salesforce(), person)
        return str(found[0]["Id"]) if len(found) == 1 else ""

    def _salesforce(self) -> Salesforce:
        if not hasattr(self._own, "salesforce"):
            url, session = os.environ["INSTANCEURL"], requests.Session()
            session.trust_env = False
            self._own.salesforce = Salesforce(
                instance_url=url, session_id=os.environ["ACCESSTOKEN"], session=session, version="60.0"
            )
            self._own.salesforce.base_url = f"{url}/services/data/v60.0/"  # it knows https alone
        return self._own.salesforce  # type: ignore[no-any-return]


def _by_email(salesforce: Salesforce, person: Person) -> list[dict[str, Any]]:
    query = format_soql(f"SELECT {_COLUMNS} FROM Contact WHERE Email = {{}}", person.emails[0])
    return list(salesforce.query(query)["records"])


def _by_phone(salesforce: Salesforce, person: Person) -> list[dict[str, Any]]:
    number = phonenumbers.parse(person.phones[0], person.country)
    digits = f"{number.country_code}{number.national_number}"
    found = salesforce.search(f"FIND {{{digits}}} IN PHONE FIELDS RETURNING Contact({_COLUMNS})")
    return list(found["searchRecords"])


async def main() -> None:
    threads = Threads()
    await listen_to_orders(0, lambda order: play(order, threads.find))


if __name__ == "__main__":
    asyncio.run(main())
