"""A process of its own: a twin whose event bus retains as many changes of Contacts as EVENTS says.

Each fifth of them makes a Contact, the others change one of those, somebody's phone or title mostly: what a day leaves
behind for a listener that was away. They are the same every time.
"""

import asyncio
import os
import random
from itertools import cycle
from urllib.parse import urlsplit

from bench.process import listen_to_orders
from sidebar.twin import Twin
from sidebar.twin.org import Actor, Org

_ENOUGH_CALLS = 10**9
_CREATES_ONE_IN = 5
_CHANGED = ("Phone", "Title", "Title", "MailingCity", "Phone", "Title", "Description", "Email")


def make_changes(org: Org, count: int) -> None:
    rng, colleague, people, fields = random.Random(1), Actor(org.colleague), list[str](), cycle(_CHANGED)
    for number in range(count):
        if number % _CREATES_ONE_IN == 0:
            people.append(org.create(colleague, "Contact", _person(number)))
        else:
            changed = next(fields)
            org.update(colleague, "Contact", rng.choice(people), {changed: _person(number)[changed]})


def _person(number: int) -> dict[str, str]:
    return {
        "FirstName": "Ada",
        "LastName": f"Backlog {number}",
        "Title": f"Colleague {number}",
        "Email": f"ada.{number}@backlog.example",
        "Phone": f"+44 20 79{number // 10_000:02} {number % 10_000:04}",
        "MailingCity": f"Town {number}",
        "MailingCountry": "United Kingdom",
        "Description": f"What was said in call {number}.",
    }


async def main() -> None:
    async with Twin(seed="empty") as twin:
        twin.org.setup.daily_limit = _ENOUGH_CALLS
        make_changes(twin.org, int(os.environ["EVENTS"]))
        port = urlsplit(twin.instance_url).port or 0
        await listen_to_orders(port, lambda _: None, **twin.first_line())


if __name__ == "__main__":
    asyncio.run(main())
