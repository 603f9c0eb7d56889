"""A worker of ours, in this process or another."""

import secrets
from collections.abc import Callable, Mapping

import httpx

from sidebar.orgs import Orgs
from sidebar.settings import Settings
from sidebar.store.database import Database
from sidebar.worker import Pace, Worker
from tests.listening import VAULT, now

PACE = Pace(
    look=0.05, lease=0.6, first_wait=0.01, longest_wait=0.2, spent=0.2, silence=0.6, glance=0.1, pause=0, settle=0
)
ANSWERS_WITHIN = 1.0
"""Seconds after which Salesforce is taken not to answer."""


async def work(database: Database, given: Mapping[str, str], clock: Callable[[], int] = now, pace: Pace = PACE) -> None:
    """A worker, until it is cancelled."""
    settings = Settings(salesforce_origins=given["instance_url"])
    async with httpx.AsyncClient(timeout=ANSWERS_WITHIN) as http:
        worker = Worker(
            database=database,
            orgs=Orgs(database=database, vault=VAULT, http=http, settings=settings, clock=clock),
            endpoint=given["endpoint"],
            ca_file=given["ca_file"],
            clock=clock,
            random=secrets.token_bytes,
            pace=pace,
        )
        await worker.run()
