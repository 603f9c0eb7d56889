"""A process of its own: a twin in which as many people live as PEOPLE says, each with addresses nobody else has.

An order is how long (ms) Salesforce takes for every answer from then on; the answer, how many calls it has counted.
"""

import asyncio
import json
import os
from urllib.parse import urlsplit

from bench.process import listen_to_orders
from sidebar.twin import Twin
from sidebar.twin.org import Actor, Org

_ENOUGH_CALLS = 10**9
BY_PHONE_EVERY = 3


def _settle(org: Org, number: int) -> dict[str, object]:
    """Whoever moves in, as an inbox would know them: every third by phone alone, in another form than the org has."""
    email, line = f"ada.{number}@town.example", f"{number:06}"
    phone = f"+44 20 79{line[:2]} {line[2:]}"
    names = {"FirstName": "Ada", "LastName": f"Town {number}", "Title": f"Neighbour {number}"}
    there = {"Email": email, "Phone": phone, "MailingCity": "London", "MailingCountry": "United Kingdom"}
    id = org.create(Actor(org.colleague), "Contact", {**names, **there})
    if number % BY_PHONE_EVERY:
        return {"id": id, "emails": [email.upper()], "phones": [], "country": "GB"}
    return {"id": id, "emails": [], "phones": [f"(020) 79{line[:2]}-{line[2:]}"], "country": "GB"}


async def main() -> None:
    async with Twin(seed="empty") as twin:
        twin.org.setup.daily_limit = _ENOUGH_CALLS
        people = [_settle(twin.org, number) for number in range(int(os.environ["PEOPLE"]))]

        async def take(order: str) -> str:
            twin.org.faults.switch({"latency_ms": int(order)})
            return json.dumps(twin.org.calls()[0])

        port = urlsplit(twin.instance_url).port or 0
        await listen_to_orders(port, take, **twin.first_line(), people=people)


if __name__ == "__main__":
    asyncio.run(main())
