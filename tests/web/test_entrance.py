"""Who is let in to an open panel, and for how long."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.inbox import Inbox, open_inbox, words
from tests.site import attributes

pytestmark = pytest.mark.anyio

AMARA = "amara.okafor@brightloom.example"


@pytest.fixture
async def inbox(tmp_path: Path, clock: Clock) -> AsyncIterator[Inbox]:
    async with open_inbox(f"sqlite:///{tmp_path / 'house.sqlite'}", clock) as inbox:
        yield inbox


async def test_a_new_host_secret_stops_open_panels_until_their_inbox_signs_with_it(inbox: Inbox) -> None:
    await inbox.open_with(AMARA)
    contact = f"/contact/{inbox.contact_id(AMARA)}"
    assert (await inbox.get(contact)).status_code == 200

    new = await renewed(inbox)
    stopped = await inbox.get(contact)
    assert stopped.status_code == 401
    assert stopped.headers["sidebar-renew"] == "1"
    assert "Amara" not in words(stopped)
    assert (await inbox.open_with(AMARA, path="/renew")).status_code != 204, "signed with the former secret"

    inbox.created = replace(inbox.created, host_secret=new)
    assert (await inbox.open_with(AMARA, path="/renew")).status_code == 204
    assert "Amara Okafor" in words(await inbox.get(contact))


async def test_the_context_does_not_give_the_secret_away(inbox: Inbox) -> None:
    await inbox.open_with(AMARA)
    assert inbox.created.host_secret not in inbox.context


async def renewed(inbox: Inbox) -> str:
    """The secret an admin makes; every process knows of it a moment later."""
    page = await inbox.browser.post("/admin/secret", headers={"Sec-Fetch-Site": "same-origin"})
    inbox.clock.pass_seconds(2)
    return attributes(page, "host-secret")["value"]
