"""A process of its own: the product's worker as `sidebar work` runs it, listening when it is told to.

Settings come from the environment. Each line on standard input says how many events are to be taken in by then,
counted from the first of all; the answer is a Stretch as JSON. Every Contact counts as read already, so that no walk
runs beside the events.
"""

import asyncio
import json
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

import structlog

from bench.connected import WORKSPACE, connect
from bench.process import listen_to_orders
from bench.stretch import Stretch
from sidebar import settings as environment
from sidebar.app import House, compose
from sidebar.mirror import CONTACTS
from sidebar.mirror.keeping import kept
from sidebar.process import client, clock, collect_seldom
from sidebar.store import positions, sweeps
from sidebar.store.sweeps import Sweep

_GLANCE = 0.1


class Listener:
    def __init__(self, house: House, org_id: str) -> None:
        self._house = house
        self._org_id = org_id

    async def listen(self, order: str) -> str:
        before, wanted = await self._taken_in(), int(order)
        began, cpu = time.perf_counter(), time.process_time()
        async with self._working():
            while (now := await self._taken_in()) < wanted:  # noqa: ASYNC110 - the database says it, no event does
                await asyncio.sleep(_GLANCE)
            stretch = Stretch(now - before, time.perf_counter() - began, time.process_time() - cpu)
        return json.dumps(asdict(stretch))

    async def _taken_in(self) -> int:
        async with self._house.database.read() as connection:
            position = await positions.state(connection, self._org_id, CONTACTS)
        return position.events if position else 0

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._house.work().run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _set_up(house: House, org_id: str) -> None:
    await connect(house)
    fields = await kept(house.database, house.orgs, org_id, WORKSPACE)
    async with house.database.write() as connection:
        read = Sweep(1, "first", clock(), tuple(sorted(fields)), ended_at=clock())
        await sweeps.put(connection, org_id, read)


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with client() as http:
        house = compose(environment.read(), clock, secrets.token_bytes, http)
        org_id = os.environ["TENANTID"]
        await _set_up(house, org_id)
        collect_seldom()  # as `sidebar work` does
        await listen_to_orders(0, Listener(house, org_id).listen)
        await house.close()


if __name__ == "__main__":
    asyncio.run(main())
