"""A process of its own: the product's look-up without its web pages. Each order is whom agents ask about (asked.py)."""

import asyncio
import secrets

import structlog

from bench.asked import play
from bench.connected import connect
from bench.people import Person
from bench.process import listen_to_orders
from sidebar import settings as environment
from sidebar.app import compose
from sidebar.contacts.lookup import Lookup
from sidebar.identity import Identity
from sidebar.process import client, clock


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with client() as http:
        house = compose(environment.read(), clock, secrets.token_bytes, http)
        workspace = await connect(house)
        lookup = Lookup(house.orgs, clock)

        async def find(person: Person) -> str:
            match = await lookup.match(workspace, Identity(person.emails, person.phones, country=person.country))
            return match.ids[0] if match.outcome == "found" else ""

        await listen_to_orders(0, lambda order: play(order, find))
        await house.close()


if __name__ == "__main__":
    asyncio.run(main())
