"""Whatever a client sends, it is answered: never with a 500, never with an empty success."""

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import Org

from .conftest import V

pytestmark = pytest.mark.anyio


quick = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["LastName", "Email", "Birthdate", "AccountId", "MailingLatitude", "EmailBouncedDate", "Salutation", "Account"]
words = st.sampled_from(
    [
        *"(),=<>'{}:\\.%5",
        *[
            "SELECT",
            "Id",
            "FROM",
            "Contact",
            "WHERE",
            "LIKE",
            "'a'",
            "AND",
            "NOT",
            "IN",
            "ORDER",
            "BY",
            "LIMIT",
            "null",
            "TODAY",
            "FIND",
            "{ab}",
            "RETURNING",
        ],
        *("LAST_N_DAYS:9999999999", "9999-99-99", "9999-12-31T23:59:59Z", "NEXT_N_DAYS:3000000"),
    ]
)


@quick
@given(
    text=st.text()
    | st.lists(words, max_size=20).map(" ".join)
    | st.text().map("SELECT Id FROM Contact WHERE {}".format)
)
async def test_no_statement_ends_in_a_500(admin: httpx.AsyncClient, org: Org, text: str) -> None:
    admin.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    for resource in ("query", "search"):
        answer = await admin.get(f"{V}/{resource}", params={"q": text.encode("utf-8", "replace").decode()})
        assert answer.status_code in (200, 400)
        assert isinstance(answer.json(), dict if answer.status_code == 200 else list)


KEYS = [
    "allOrNone",
    "records",
    "compositeRequest",
    "graphs",
    "batchRequests",
    "haltOnError",
    "ids",
    "fields",
    "attributes",
    "type",
]
PARTS = ["method", "url", "body", "richInput", "referenceId", "httpHeaders", "@{a.id}", "Contact", "id"]
SAID = [f"{V}/sobjects/Contact", "v60.0/query?q=x", "POST", "GET", "a", True, "Contact", "Id"]
said = anything | st.sampled_from(SAID)
body = st.dictionaries(
    st.sampled_from([*FIELDS, *KEYS, *PARTS]) | st.text(),
    said | st.lists(st.dictionaries(st.sampled_from(PARTS), said)),
    max_size=4,
)
WRITING = [
    ("POST", "/sobjects/Contact"),
    ("POST", "/sobjects/Contact/Id"),
    ("PATCH", "/sobjects/Contact/Ext_Id__c/a"),
    ("PATCH", "/sobjects/Contact/{contact}"),
    ("POST", "/composite/sobjects"),
    ("PATCH", "/composite/sobjects"),
    ("POST", "/composite/sobjects/Contact"),
    ("PATCH", "/composite/sobjects/Contact/Ext_Id__c"),
    ("PATCH", "/composite/sobjects/Contact/Id"),
    ("POST", "/composite"),
    ("POST", "/composite/batch"),
    ("POST", "/composite/graph"),
    ("POST", "/parameterizedSearch"),
]
BROKEN = [
    b"\xff\xfe{}",
    b'{"LastName": "\x00"}',
    b'{"LastName": "a\xc3"}',
    b'{"Loyalty_Points__c": 1e999}',
    b'{"Loyalty_Points__c": ' + b"9" * 5_000 + b"}",
    b'{"MailingLatitude": -' + b"9" * 400 + b"}",
    b'{"records": ' + b"[" * 100_000,
    b'{"a": ' * 100_000,
    b'{"records": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"LastName": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b"}",
    b'{"compositeRequest": [{"method": "POST", "url": "' + f"{V}/sobjects/Contact".encode() + b'", "referenceId": "a", '
    b'"body": ' + b"[" * 900 + b"]" * 900 + b"}]}",
    b"[]",
    b"null",
    b"NaN",
    b'"x"',
]


async def written(client: httpx.AsyncClient, contact: str, content: bytes) -> list[httpx.Response]:
    """The answers of every address that takes a body, each of which has said something."""
    headers = {"Content-Type": "application/json"}
    answers = [
        await client.request(method, f"{V}{path.format(contact=contact)}", content=content, headers=headers)
        for method, path in WRITING
    ]
    for answer in answers:
        assert answer.status_code in (200, 201, 204, 400, 404), answer.text
        assert (answer.status_code == 204) == (answer.content == b"")
    return answers


@quick
@given(body=body | anything)
async def test_no_body_ends_in_a_500(admin: httpx.AsyncClient, org: Org, contact: str, body: object) -> None:
    admin.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    made, *_ = await written(admin, contact, json.dumps(body).encode())
    if made.status_code == 201:
        assert (await admin.get(made.headers["location"])).status_code == 200


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
async def test_what_is_hardly_json_is_refused_everywhere(
    admin: httpx.AsyncClient, org: Org, contact: str, content: bytes
) -> None:
    for answer in await written(admin, contact, content):
        assert "errorCode" in answer.text or "statusCode" in answer.text
    assert len(list(org.rows("Contact"))) == 1


URLS = [
    *(path for _, path in WRITING),
    "/sobjects/Contact/@{r0.id}",
    "/query?q=@{r0}",
    "/limits",
    "/composite/sobjects?ids=x",
]
part = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
        "url": st.sampled_from(URLS).map(V.__add__) | st.text().map(f"{V}/".__add__),
        "body": body | st.sampled_from([{"LastName": "@{r0.id}"}, {"LastName": "x"}, "@{r0[0]}"]),
    }
)


@quick
@given(parts=st.lists(part, min_size=1, max_size=4), halting=st.booleans())
async def test_no_part_of_a_request_ends_in_a_500(
    admin: httpx.AsyncClient, org: Org, parts: list[dict[str, object]], halting: bool
) -> None:
    admin.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    named = [{**entry, "referenceId": f"r{number}"} for number, entry in enumerate(parts)]
    sent = json.dumps({"compositeRequest": named, "allOrNone": halting})
    headers = {"Content-Type": "application/json"}
    items = (await admin.post(f"{V}/composite", content=sent, headers=headers)).json()["compositeResponse"]
    assert [item["referenceId"] for item in items] == [entry["referenceId"] for entry in named]
    entries = [{"method": entry["method"], "url": entry["url"], "richInput": entry["body"]} for entry in parts]
    sent = json.dumps({"batchRequests": entries, "haltOnError": halting})
    done = (await admin.post(f"{V}/composite/batch", content=sent, headers=headers)).json()
    assert len(done["results"]) == len(parts)
    assert done["hasErrors"] == any(result["statusCode"] >= 400 for result in done["results"])


@quick
@given(path=st.text(max_size=30))
async def test_no_address_ends_in_a_500(admin: httpx.AsyncClient, path: str) -> None:
    safe = quote(path.encode("utf-8", "replace"), safe="/")
    for method in ("GET", "DELETE"):
        answer = await admin.request(method, f"{V}/sobjects/Contact/{safe}")
        assert answer.status_code in (200, 400, 404, 405)
