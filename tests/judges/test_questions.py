"""Every query our service asks, in the ears of the vendor's own grammar (npm @salesforce/soql-common).

Searches (FIND …) are not among them: the vendor publishes no grammar for SOSL.
"""

import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import sidebar
from sidebar.identity import Identity
from sidebar.mirror import Mirror, lease
from sidebar.mirror.keeping import KEYS
from sidebar.mirror.reading import Reading
from sidebar.orgs.consent import Asker, Consents
from sidebar.salesforce import soql
from sidebar.salesforce.errors import SalesforceError
from sidebar.settings import read
from sidebar.store import leases, records
from sidebar.store.database import Database
from sidebar.store.records import Record
from tests.conftest import Clock
from tests.contacts.conftest import Desk, open_desk
from tests.judges.conftest import Console
from tests.org import query

pytestmark = pytest.mark.anyio

EMAILS = (
    "amara.okafor@brightloom.example", "o'brien@x.example", "o\\'brien@x.example", '"a\\"b"@x.example',
    "%_*?@x.example", "a{b}(c)[d]@x.example", "straße@müller.example", "用户@例子.example", "😀@x.example",
    "select@from.example", "a\u2028b@x.example", "--//;@x.example", "'@''.example", "\\@\\\\.example",
)  # fmt: skip
PHONES = (  # nobody's: what the search index has is not asked for again
    "+44 20 7946 0977", "(415) 555-0177", "00 33 1 99 00 77 34", "77 9", "+1-415-555-0178 ext. 7", "tel:+4930123456",
    "٠٢٠ ٧٩٤٦ ٠٩٧٦", "+1 (415) 555'0176", "+44\\20\\7946\\0975", '020"7946"0974', "#*,;+?{}[]0209170142",
)  # fmt: skip
IDS = ("0035e0000000001AAA", "003' OR Id != '", "003\\", "003\\' OR Id != null", "\x00\x07\x0b\x1b\x7f", "😀\u2028", "")
EVERY_SIGN = [f"a{chr(code)}b" for code in range(0x3000) if not 0xD800 <= code < 0xE000]


@pytest.fixture
async def desk(clock: Clock, tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    await database.migrate()
    async with open_desk(clock, database) as desk:
        yield desk
    await database.close()


def asked(desk: Desk) -> set[str]:
    """The queries that were sent so far."""
    addresses = [urlsplit(sent.split(" ", 1)[1]) for sent in desk.sent]
    return {parse_qs(url.query)["q"][0] for url in addresses if url.path.endswith(("/query", "/queryAll"))}


async def complaints(grammar: Console, statements: Iterable[str]) -> dict[str, str]:
    listed = sorted(statements)
    assert listed
    said = await grammar("complaints(statements)", statements=listed)
    return {statement: said for statement, said in zip(listed, said, strict=True) if said is not None}


async def test_looking_somebody_up(desk: Desk, grammar: Console) -> None:
    for email in EMAILS:
        await desk.match(emails=(email, email.upper()))
    for phone in PHONES:
        await desk.match(phones=(phone,), country="GB")
    await desk.match(emails=EMAILS, phones=PHONES)
    assert len(asked(desk)) >= len(EMAILS) + len(PHONES)
    assert await complaints(grammar, asked(desk)) == {}


async def test_looking_for_leads_and_by_hand(desk: Desk, grammar: Console) -> None:
    leads_too = replace(desk.workspace, policy="lead_first")
    for email, phone in zip(EMAILS, PHONES, strict=False):
        await desk.lookup.match(leads_too, Identity((email,), (phone,)))
    for text in (*EMAILS, *PHONES, "Brightloom", "O'Neil \\ Söhne", "李"):
        await desk.lookup.by_hand(leads_too, text)
    assert any(" FROM Lead WHERE " in statement for statement in asked(desk))
    assert any("AccountId IN (" in statement for statement in asked(desk))
    assert await complaints(grammar, asked(desk)) == {}


async def test_showing_one_record(desk: Desk, grammar: Console) -> None:
    for id in IDS:
        with suppress(SalesforceError):
            await desk.see(id)
    assert len(asked(desk)) == len(IDS)
    assert await complaints(grammar, asked(desk)) == {}


async def test_connecting_an_org(desk: Desk, grammar: Console) -> None:
    consents = Consents(
        database=desk.database, vault=desk.vault, http=desk.http, orgs=desk.orgs, clock=desk.clock,
        settings=read(public_url="https://sidebar.example"), random=secrets.token_bytes,
    )  # fmt: skip
    asker = Asker(desk.workspace.id, "an admin")
    answer = query(await desk.salesforce.consent(await consents.ask(asker, replace=False)))
    await consents.keep(await consents.claim(asker, answer["state"]), answer["code"])
    assert {statement.split(" FROM ")[1][:12].split()[0] for statement in asked(desk)} == {"Organization", "User"}
    assert await complaints(grammar, asked(desk)) == {}


async def test_reading_what_events_left_out(desk: Desk, grammar: Console) -> None:
    org_id = desk.salesforce.org.id
    async with desk.database.write() as connection:
        await leases.take(connection, lease(org_id), "me", desk.clock(), desk.clock() + 3_600_000)
        ids = [str(row["Id"]) for row in desk.salesforce.org.rows("Contact")]
        await records.put(connection, org_id, [Record(id, {}, 0, 0, dirty=True) for id in ids[:3]])
    mirror = Mirror(desk.database, org_id, "me", desk.clock, secrets.token_bytes)
    reading = Reading(mirror, await desk.orgs.client(desk.workspace.id))
    await reading.look(KEYS[:1])
    while not reading.idle:
        await reading.step(KEYS[:1])
    assert any(" WHERE Id IN (" in statement for statement in asked(desk))
    assert any(" ORDER BY Id LIMIT " in statement for statement in asked(desk))
    assert await complaints(grammar, asked(desk)) == {}


async def test_any_text_there_is(grammar: Console) -> None:
    statements = [f"SELECT Id FROM Contact WHERE LastName = {soql.text(text)}" for text in EVERY_SIGN]
    assert await complaints(grammar, statements) == {}


def test_no_query_is_written_anywhere_else() -> None:
    """Whoever asks from another place adds a test above. (The demo's inbox is not our service; store/ writes SQL.)"""
    house = Path(sidebar.__file__).parent
    files = (file for file in house.rglob("*.py") if not {"twin", "store", "demo"} & {*file.relative_to(house).parts})
    asking = {file.stem for file in files if '"SELECT ' in file.read_text("utf-8")}
    assert asking == {"refresh", "walking", "consent", "questions", "live", "changers", "probe"}
