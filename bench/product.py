"""A process of its own: the product as `sidebar serve` runs it, but with a clock the bench can send ahead.

Settings come from the environment. The first line on standard output is the port; after that, each line on standard
input is how many milliseconds to be ahead of the real time, or LOOK, and is answered by an empty line.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack

from bench.clock import Clock
from bench.process import listen_to_orders
from sidebar import settings as environment
from sidebar.app import compose
from sidebar.process import client, listen, serving, working

LOOK = "look"
"""Let the worker do now what it does every few seconds: renew its lease, for one."""


async def main() -> None:
    clock = Clock()

    def carry_out(order: str) -> None:
        if order.strip() == LOOK:
            house.work().wake()
        else:
            clock.ahead = int(order)

    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen("127.0.0.1", 0))
        port = listener.getsockname()[1]
        http = await stack.enter_async_context(client())
        settings = environment.read(public_url=f"http://localhost:{port}")
        house = compose(settings, clock, secrets.token_bytes, http)
        stack.push_async_callback(house.close)
        await house.database.migrate()
        await stack.enter_async_context(working(house))
        await stack.enter_async_context(serving(house.web(), listener))
        await listen_to_orders(port, carry_out)


if __name__ == "__main__":
    asyncio.run(main())
