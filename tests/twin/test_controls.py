"""The controls of the twin: what goes wrong, how the org is set up, and deeds that REST cannot do."""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import JSON, Actor, Org
from sidebar.twin.org.people import PAGE

pytestmark = pytest.mark.anyio
V = "/services/data/v60.0"
SIZE = {"object": "Contact", "name": "Shoe_Size__c", "label": "Shoe size", "type": "double"}


async def field_names(admin: httpx.AsyncClient) -> list[str]:
    return [field["name"] for field in (await admin.get(f"{V}/sobjects/Contact/describe")).json()["fields"]]


async def refusal(http: httpx.AsyncClient, door: str, wanted: object) -> str:
    before = (await http.get(f"/twin/{door}")).json()
    refused = await http.post(f"/twin/{door}", json=wanted)
    assert refused.status_code == 400
    assert (await http.get(f"/twin/{door}")).json() == before
    return str(refused.json()["error"])


async def test_faults_are_switched_by_name(admin: httpx.AsyncClient, org: Org) -> None:
    assert (await admin.post("/twin/faults", json={"unavailable": True})).json()["unavailable"] is True
    down = await admin.get(f"{V}/limits")
    assert (down.status_code, down.json()[0]["errorCode"]) == (503, "SERVER_UNAVAILABLE")
    await admin.post("/twin/faults", json={"unavailable": False, "api_disabled": True})
    assert (await admin.get(f"{V}/limits")).json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"
    await admin.post("/twin/faults", json={"api_disabled": False, "limit_exceeded": True})
    assert (await admin.get(f"{V}/limits")).headers["sforce-limit-info"] == "api-usage=15000/15000"
    await admin.post("/twin/faults", json={"limit_exceeded": False, "expire_sessions": True})
    assert (await admin.get(f"{V}/limits")).status_code == 401
    assert not any((await admin.get("/twin/faults")).json().values())


@pytest.mark.parametrize("path", ["token", "revoke"])
async def test_an_org_that_is_down_gives_no_token_either(admin: httpx.AsyncClient, path: str) -> None:
    await admin.post("/twin/faults", json={"unavailable": True})
    assert (await admin.post(f"/services/oauth2/{path}", data={})).status_code == 503


@pytest.mark.parametrize(
    "wanted", [{"fire": True}, {"unavailable": 1}, {"latency_ms": -1}, {"latency_ms": True}, [], "x"]
)
async def test_an_unknown_fault_is_refused_and_nothing_is_switched(admin: httpx.AsyncClient, wanted: object) -> None:
    error = await refusal(admin, "faults", wanted)
    if wanted == {"fire": True}:
        assert "latency_ms" in error


async def test_a_door_is_read_and_written_but_never_deleted(http: httpx.AsyncClient) -> None:
    for door in ("faults", "setup", "deeds"):
        refused = await http.delete(f"/twin/{door}")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")


async def test_setup_is_shown_and_set(admin: httpx.AsyncClient, org: Org) -> None:
    assert (await admin.get("/twin/setup")).json()["session_minutes"] == 120
    wanted = {"daily_limit": 2, "api_disabled_users": ["a@b.example"], "contact_duplicates": "alert"}
    shown = (await admin.post("/twin/setup", json=wanted)).json()
    assert shown | wanted == shown
    for _ in range(2):
        assert (await admin.get(f"{V}/limits")).status_code == 200
    assert (await admin.get(f"{V}/limits")).json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


async def test_the_administrator_adds_and_removes_a_field(admin: httpx.AsyncClient) -> None:
    assert (await admin.post("/twin/setup", json={"add_field": SIZE})).status_code == 200
    assert "Shoe_Size__c" in await field_names(admin)
    created = await admin.post(f"{V}/sobjects/Contact", json={"LastName": "Okafor", "Shoe_Size__c": 41.5})
    assert created.status_code == 201
    gone = {"object": "contact", "name": "shoe_size__c"}
    assert (await admin.post("/twin/setup", json={"remove_field": gone})).status_code == 200
    assert "Shoe_Size__c" not in await field_names(admin)


async def test_a_picklist_comes_with_its_values(admin: httpx.AsyncClient) -> None:
    plan = SIZE | {"name": "Plan__c", "type": "picklist", "values": ["Free", "Paid"]}
    await admin.post("/twin/setup", json={"add_field": plan})
    fields = (await admin.get(f"{V}/sobjects/Contact/describe")).json()["fields"]
    values = next(field["picklistValues"] for field in fields if field["name"] == "Plan__c")
    assert [value["value"] for value in values] == ["Free", "Paid"]


async def test_the_administrator_changes_the_type_of_a_field(admin: httpx.AsyncClient) -> None:
    await admin.post("/twin/setup", json={"add_field": SIZE})
    change = {"object": "Contact", "name": "Shoe_Size__c", "type": "string", "length": 20}
    assert (await admin.post("/twin/setup", json={"change_type": change})).status_code == 200
    fields = (await admin.get(f"{V}/sobjects/Contact/describe")).json()["fields"]
    described = next(field for field in fields if field["name"] == "Shoe_Size__c")
    assert (described["type"], described["length"]) == ("string", 20)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"fire": True}, "daily_limit"),
        ({"daily_limit": "many"}, "daily_limit: Input should be a valid integer"),
        ({"session_minutes": 1441}, "less than or equal to 1440"),
        ({"api_disabled_users": "a"}, "api_disabled_users: Input should be a valid list"),
        ({"contact_duplicates": "maybe"}, "'off', 'alert' or 'block'"),
        ({"jwt_certificate": "x"}, "PEM"),
        ({"add_field": 1}, "object, name, label, type, length, values"),
        ({"add_field": SIZE | {"colour": "red"}}, "object, name, label, type, length, values"),
        ({"add_field": {"object": "Contact"}}, "object, name, label, type, length, values"),
        ({"add_field": SIZE | {"label": 1}}, "label: Input should be a valid string"),
        ({"add_field": SIZE | {"object": "Shoe"}}, "Contact"),
        ({"add_field": SIZE | {"name": "Email"}}, "Shoe_Size__c"),
        ({"add_field": SIZE | {"type": "foot"}}, "currency"),
        ({"add_field": SIZE | {"type": "string", "length": 256}}, "1 to 255"),
        ({"remove_field": {"object": "Contact", "name": "Shoe_Size__c"}}, "Contact has no field"),
        ({"remove_field": {"object": "Contact", "name": "Email"}}, "no name of a custom field"),
        ({"daily_limit": -1, "add_field": SIZE}, "greater than or equal to 0"),
        ({"daily_limit": 1, "add_field": SIZE | {"type": "foot"}}, "currency"),
        ({"add_field": SIZE, "remove_field": SIZE}, "One wish at a time"),
    ],
)
async def test_a_wrong_wish_changes_nothing_and_is_told_what_there_is(
    admin: httpx.AsyncClient, wanted: object, said: str
) -> None:
    assert said in await refusal(admin, "setup", wanted)
    assert "Shoe_Size__c" not in await field_names(admin)


async def test_a_field_is_added_once(admin: httpx.AsyncClient) -> None:
    await admin.post("/twin/setup", json={"add_field": SIZE})
    assert "already has a field" in await refusal(admin, "setup", {"add_field": SIZE})


async def test_a_merge_is_done_as_on_a_page(http: httpx.AsyncClient, org: Org) -> None:
    master, loser = org.load("Contact", [{"LastName": "Okafor"}, {"LastName": "Okafor"}])
    deed = {"object": "contact", "master": master[:15], "losers": [loser]}
    done = await http.post("/twin/deeds", json={"merge": deed})
    assert (done.status_code, done.json()) == (200, {"object": "contact", "master": master, "losers": [loser]})
    assert [(change.kind, change.id) for change in org.changes] == [("UPDATE", master), ("DELETE", loser)]
    assert {(change.actor.user, change.actor.origin) for change in org.changes} == {(org.admin, PAGE)}


async def test_a_lead_is_converted_and_the_answer_says_into_what(http: httpx.AsyncClient, org: Org) -> None:
    (lead,) = org.load("Lead", [{"LastName": "Lee", "Company": "Harbor & Pine LLP"}])
    deed = {"lead": lead[:15], "opportunity_name": "Document rooms"}
    done = (await http.post("/twin/deeds", json={"convert_lead": deed})).json()
    row = org.row("Lead", lead)
    assert row is not None
    became = {name: row[f"Converted{name.title()}Id"] for name in ("account", "contact", "opportunity")}
    assert None not in became.values()
    assert done == {"lead": lead, **became}


async def test_a_record_leaves_the_bin_or_the_org(http: httpx.AsyncClient, org: Org) -> None:
    (id_,) = org.load("Contact", [{"LastName": "Okafor"}])
    record = {"object": "Contact", "id": id_}
    org.delete(Actor(org.admin), "Contact", id_)
    assert (await http.post("/twin/deeds", json={"undelete": record})).json() == record
    assert org.row("Contact", id_) is not None
    assert (await http.post("/twin/deeds", json={"purge": record})).json() == record
    gone = await http.post("/twin/deeds", json={"undelete": record})
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (400, "UNDELETE_FAILED")


@pytest.mark.parametrize(
    ("deed", "status", "code"),
    [
        ({"purge": {"object": "Shoe", "id": "x"}}, 404, "NOT_FOUND"),
        ({"purge": {"object": "Contact", "id": "x"}}, 400, "MALFORMED_ID"),
        ({"undelete": {"object": "User", "id": "x"}}, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ({"merge": {"object": "Contact", "master": "{0}", "losers": []}}, 400, "ILLEGAL_ARGUMENT"),
        ({"merge": {"object": "Contact", "master": "{0}", "losers": ["{1}", "{0}"]}}, 400, "ILLEGAL_ARGUMENT"),
        ({"merge": {"object": "Task", "master": "{0}", "losers": ["{1}"]}}, 400, "INVALID_TYPE"),
        ({"convert_lead": {"lead": "{0}"}}, 400, "MALFORMED_ID"),
    ],
)
async def test_a_deed_the_org_refuses_is_answered_in_its_words_and_half_done_is_nothing(
    http: httpx.AsyncClient, org: Org, deed: dict[str, JSON], status: int, code: str
) -> None:
    made = org.load("Contact", [{"LastName": "Okafor"}, {"LastName": "Lee"}])
    text = json.dumps(deed).replace("{0}", made[0]).replace("{1}", made[1])
    refused = await http.post("/twin/deeds", content=text)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (status, code)
    assert org.changes == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "Known: merge, convert_lead, undelete, purge"),
        ({"fire": {}}, "Known: merge, convert_lead, undelete, purge"),
        ({"purge": {"object": "Contact", "id": "x"}, "undelete": {}}, "Send one deed"),
        ({"purge": 1}, "It takes object, id"),
        ({"merge": {"object": "Contact"}}, "object, master, losers"),
        ({"merge": {"object": "Contact", "master": "x", "losers": "y"}}, "losers: Input should be a valid list"),
        ({"convert_lead": {"lead": 1}}, "lead: Input should be a valid string"),
        ({"convert_lead": {"account": "x"}}, "lead, account, contact, opportunity_name"),
        ([], "JSON object"),
    ],
)
async def test_a_deed_that_is_not_understood_is_told_what_there_is(
    http: httpx.AsyncClient, wanted: object, said: str
) -> None:
    assert said in await refusal(http, "deeds", wanted)


PARTS = [*SIZE, "id", "lead", "master", "losers"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=4),
    max_leaves=6,
)
NAMES = ["daily_limit", "approved_users", "jwt_certificate", "add_field", "remove_field", "change_type", "latency_ms"]
NAMES += ["merge", "convert_lead", "undelete", "purge"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.dictionaries(st.sampled_from(NAMES), anything, max_size=3),
    door=st.sampled_from(["faults", "setup", "deeds"]),
)
async def test_no_wish_brings_the_controls_down(http: httpx.AsyncClient, wanted: dict[str, JSON], door: str) -> None:
    answer = await http.post(f"/twin/{door}", json=wanted)
    assert answer.status_code in (200, 400, 404)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_sites_page_cannot_use_the_controls(http: httpx.AsyncClient, org: Org, site: str) -> None:
    """Browsers say where a request comes from; whoever runs a twin may have other pages open."""
    answer = await http.post("/twin/faults", json={"unavailable": True}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert org.faults.unavailable is False


@pytest.mark.parametrize(
    ("door", "wanted"),
    [
        ("/twin/faults", {"withdrawn_fields": ["Contact.Emial"]}),
        ("/twin/faults", {"withdrawn_fields": ["Email"]}),
        ("/twin/setup", {"uncaptured_objects": ["Contatc"]}),
        ("/twin/setup", {"channels": ["People"]}),
        ("/twin/setup", {"channels": ["People__chn=Contact,Leda"]}),
    ],
)
async def test_a_list_that_names_what_is_not_there_changes_nothing(
    http: httpx.AsyncClient, door: str, wanted: dict[str, list[str]]
) -> None:
    before = (await http.get(door)).json()
    answer = await http.post(door, json=wanted)
    assert answer.status_code == 400
    assert "There is no" in answer.json()["error"] or "is no channel" in answer.json()["error"]
    assert (await http.get(door)).json() == before
