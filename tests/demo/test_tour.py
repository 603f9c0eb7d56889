"""What a colleague does in the org during the tour, and what the person reads about it."""

from dataclasses import replace
from itertools import pairwise

import httpx
import pytest

from sidebar.demo.conversations import CONVERSATIONS, find
from sidebar.demo.inbox import Surroundings, app
from sidebar.demo.newcomers import next_after
from sidebar.demo.tour import STOPS

from .conftest import Org

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}
ZOFIA = "003000000000000ZOF"


@pytest.fixture
def zofia(org: Org) -> dict[str, str]:
    org.contacts[ZOFIA] = {"Email": "zofia.wisniewska@wiatrak.example", "Title": "Specjalistka ds. zakupów"}
    return org.contacts[ZOFIA]


async def test_there_are_six_stops_each_with_a_conversation():
    assert [stop.key for stop in STOPS] == ["messy", "switchboard", "live", "faster", "new", "down"]
    assert all(find(stop.conversation) for stop in STOPS)


async def test_a_colleague_changes_the_title_as_herself(inbox, org: Org, zofia: dict[str, str]):
    answer = await inbox.post("/tour/faster", headers=OURS)
    assert zofia["Title"] == "Kierowniczka zakupów"
    assert answer.json() == {
        "done": True,
        "message": "A colleague has just set her Title to “Kierowniczka zakupów”.",
    }
    assert org.asked == [
        ("GET", "Bearer colleague-token", "client=colleague"),
        ("PATCH", "Bearer colleague-token", "client=colleague"),
    ]


async def test_repeating_the_stop_is_a_real_change_every_time(inbox, zofia: dict[str, str]):
    titles = []
    for _ in range(4):
        await inbox.post("/tour/faster", headers=OURS)
        titles.append(zofia["Title"])
    assert all(before != after for before, after in pairwise(titles))


async def test_a_title_salesforce_refuses_is_told_in_its_own_words(inbox, org: Org, zofia: dict[str, str]):
    org.refusal = "Title may not change on Sundays."
    answer = await inbox.post("/tour/faster", headers=OURS)
    assert answer.status_code == 502
    assert answer.json()["message"] == "Salesforce refused: Title may not change on Sundays."


@pytest.mark.parametrize(("path", "name"), [("/tour/faster", "Zofia"), ("/tour/live", "Amara")])
async def test_when_somebody_was_deleted_the_card_says_how_to_get_her_back(inbox, path: str, name: str):
    answer = (await inbox.post(path, headers=OURS)).json()
    assert answer["done"] is False
    assert answer["message"].startswith(f"{name} is not in this org any more") and "--fresh" in answer["message"]


async def test_amaras_mobile_number_is_another_one_every_time(inbox, org: Org):
    org.contacts["003AMARA"] = {"Email": "amara.okafor@brightloom.example", "MobilePhone": "+44 7700 900123"}
    numbers = []
    for _ in range(4):
        answer = await inbox.post("/tour/live", headers=OURS)
        numbers.append(org.contacts["003AMARA"]["MobilePhone"])
        assert answer.json() == {
            "done": True,
            "message": f"A colleague has just set her mobile number to {numbers[-1]}.",
        }
    assert all(before != after for before, after in pairwise(["+44 7700 900123", *numbers]))


async def test_ines_is_created_once_and_with_her_somebody_new_every_time(inbox, org: Org):
    messages = []
    for _ in range(3):
        answer = await inbox.post("/tour/new-contact", params={"locale": "fr"}, headers=OURS)
        messages.append(answer.json()["message"])
    ines, *others = org.contacts.values()
    assert (ines["FirstName"], ines["LastName"], ines["Email"], ines["MobilePhone"]) == (
        "Inès",
        "Lefèvre",
        "ines.lefevre@atelierlumen.example",
        "+33 6 39 98 12 34",
    )
    assert [f"{one['FirstName']} {one['LastName']}" for one in others] == [
        "Margaux Perrin",
        "Théo Garnier",
        "Lila Fontaine",
    ]
    assert messages[1] == "Inès et Théo Garnier sont maintenant dans Salesforce."


def test_thirty_people_can_join_the_workshop_and_none_of_them_writes_to_us():
    known: set[str] = set()
    while (newcomer := next_after(known)).email not in known:
        known.add(newcomer.email)
    assert len(known) == 30 and all(email.isascii() for email in known)
    assert not known & {email for conversation in CONVERSATIONS for email in conversation.customer.emails}


async def test_salesforce_goes_down_and_comes_back(inbox, org: Org):
    answer = await inbox.post("/tour/down", json={"unavailable": True}, headers=OURS)
    assert (org.unavailable, answer.json()["done"]) == (True, True)
    assert 'data-down="true"' in (await inbox.get("/")).text

    answer = await inbox.post("/tour/down", json={"unavailable": False}, headers=OURS)
    assert (org.unavailable, answer.json()["message"]) == (False, "Salesforce answers again.")
    assert 'data-down="false"' in (await inbox.get("/")).text


async def test_what_cannot_be_done_while_salesforce_is_down_says_so(inbox, zofia: dict[str, str]):
    await inbox.post("/tour/down", json={"unavailable": True}, headers=OURS)
    answer = await inbox.post("/tour/faster", headers=OURS)
    assert answer.json() == {
        "done": False,
        "message": "Salesforce is switched off, so this could not be done. Bring it back and try once more.",
    }


async def test_an_org_that_is_not_there_is_called_unreachable(house: Surroundings):
    async with httpx.AsyncClient() as http:
        alone = replace(house, http=http, org_url="http://localhost:1")
        transport = httpx.ASGITransport(app(alone))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
            answer = await client.post("/tour/new-contact", headers=OURS)
    assert answer.status_code == 502
    assert answer.json()["message"] == "Salesforce could not be reached. Is the demo still running?"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"unavailable": "yes"}', b"[true]", b"{"])
async def test_a_switch_that_is_neither_on_nor_off_changes_nothing(inbox, org: Org, body: bytes):
    answer = await inbox.post("/tour/down", content=body, headers=OURS)
    assert answer.status_code == 400
    assert org.unavailable is False


@pytest.mark.parametrize("path", ["/tour/live", "/tour/faster", "/tour/new-contact", "/tour/down"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}],
)
async def test_no_other_page_can_take_the_tour(inbox, org: Org, path: str, headers: dict[str, str]):
    answer = await inbox.post(path, json={"unavailable": True}, headers=headers)
    assert answer.status_code == 403
    assert (org.asked, org.contacts, org.unavailable) == ([], {}, False)


async def test_an_older_browser_is_known_by_its_origin(inbox, org: Org):
    answer = await inbox.post("/tour/new-contact", headers={"Origin": "http://127.0.0.1:8001"})
    assert (answer.status_code, len(org.contacts)) == (200, 2)
