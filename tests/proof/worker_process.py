"""A worker as a process of its own. `python -m tests.proof.worker_process '<JSON>'`: runs until it is killed."""

import asyncio
import json
import secrets
import sys

import httpx

from sidebar.orgs import Orgs
from sidebar.settings import Settings
from sidebar.store.database import Database
from sidebar.worker import Worker
from tests.listening import VAULT, now
from tests.proof.house import PACE


async def work(given: dict[str, str]) -> None:
    database = Database(given["database"])
    settings = Settings(salesforce_origins=given["instance_url"])
    async with httpx.AsyncClient() as http:
        orgs = Orgs(database=database, vault=VAULT, http=http, settings=settings, clock=now)
        worker = Worker(
            database=database,
            orgs=orgs,
            endpoint=given["endpoint"],
            ca_file=given["ca_file"],
            clock=now,
            random=secrets.token_bytes,
            pace=PACE,
        )
        await worker.run()


if __name__ == "__main__":
    asyncio.run(work(json.loads(sys.argv[1])))
