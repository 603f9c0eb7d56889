"""The data API over HTTP: what an integration sees, headers and refusals included."""

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import Actor, Org

from ..conftest import Clock

pytestmark = pytest.mark.anyio
V = "/services/data/v60.0"
NOT_FOUND = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]


@pytest.fixture
def contact(org: Org) -> str:
    fields = {"LastName": "Okafor", "FirstName": "Amara", "Email": "amara.okafor@brightloom.example"}
    return org.create(Actor(org.admin), "Contact", fields)


def as_colleague(client: httpx.AsyncClient, org: Org) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"OAuth {org.grant(org.colleague)}"
    return client


async def test_the_versions_need_no_token_and_cost_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.get("/services/data/")
    assert answer.json()[0]["version"] == "40.0"
    assert answer.json()[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert "sforce-limit-info" not in answer.headers


async def test_a_call_without_a_good_token_is_401_and_names_the_scheme(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer 00D!made.up"}):
        answer = await http.get(f"{V}/sobjects", headers=headers)
        assert answer.status_code == 401
        assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
        assert answer.headers["www-authenticate"] == "Token"
        assert "sforce-limit-info" not in answer.headers
    answer = await http.get(f"{V}/sobjects", headers={"Authorization": "Digest x"})
    assert answer.json() == [{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]


async def test_every_counted_call_says_how_many_are_used(admin: httpx.AsyncClient) -> None:
    used = [(await admin.get(f"{V}/limits")).headers["sforce-limit-info"] for _ in range(2)]
    assert used == ["api-usage=1/15000", "api-usage=2/15000"]


async def test_the_daily_limit_refuses_exactly_there_and_forgets_after_a_day(
    admin: httpx.AsyncClient, org: Org, clock: Clock
) -> None:
    org.daily_limit = 1
    assert (await admin.get(f"{V}/limits")).status_code == 200
    refused = await admin.get(f"{V}/limits")
    assert refused.status_code == 403
    assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    clock.wait(hours=24)
    admin.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    assert (await admin.get(f"{V}/limits")).status_code == 200


async def test_a_contact_is_created_read_changed_and_deleted(admin: httpx.AsyncClient) -> None:
    made = await admin.post(f"{V}/sobjects/Contact/", json={"lastname": "Weiß", "MobilePhone": "0171 / 392 00 34"})
    assert made.status_code == 201
    id_ = made.json()["id"]
    assert made.json() == {"id": id_, "success": True, "errors": []}
    assert made.headers["location"] == f"{V}/sobjects/Contact/{id_}"
    assert made.headers["content-type"] == "application/json;charset=UTF-8"
    path = made.headers["location"]
    changed = await admin.patch(path, json={"Title": "Einkaufsleiter", "MobilePhone": None})
    assert (changed.status_code, changed.content) == (204, b"")
    row = (await admin.get(path)).json()
    assert list(row)[:2] == ["attributes", "Id"]
    assert row["attributes"] == {"type": "Contact", "url": path}
    assert (row["LastName"], row["Title"], row["MobilePhone"]) == ("Weiß", "Einkaufsleiter", None)
    assert (await admin.delete(path[:-3])).status_code == 204
    assert (await admin.get(path)).json() == NOT_FOUND
    gone = await admin.delete(path)
    assert gone.status_code == 404
    assert gone.json() == [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]


async def test_only_the_asked_fields_come_back(admin: httpx.AsyncClient, contact: str) -> None:
    row = (await admin.get(f"{V}/sobjects/contact/{contact}", params={"fields": "name,email"})).json()
    assert list(row) == ["attributes", "Name", "Email", "Id"]
    refused = await admin.get(f"{V}/sobjects/Contact/{contact}", params={"fields": "Bacon"})
    message = "No such column 'Bacon' on sobject of type Contact"
    assert refused.json() == [{"message": message, "errorCode": "INVALID_FIELD"}]


async def test_a_row_that_did_not_change_is_304_and_one_that_did_cannot_be_overwritten(
    admin: httpx.AsyncClient, org: Org, contact: str, clock: Clock
) -> None:
    path = f"{V}/sobjects/Contact/{contact}"
    seen = (await admin.get(path)).headers["last-modified"]
    assert seen == "Sun, 22 Nov 2026 08:00:00 GMT"
    unchanged = await admin.get(path, headers={"If-Modified-Since": seen})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    clock.wait(seconds=1)
    org.update(Actor(org.colleague), "Contact", contact, {"Title": "Partner"})
    late = await admin.patch(path, json={"Title": "Head"}, headers={"If-Unmodified-Since": seen})
    assert late.status_code == 412
    assert (await admin.get(path, headers={"If-Modified-Since": seen})).json()["Title"] == "Partner"
    fresh = {"If-Unmodified-Since": "Sun, 22 Nov 2026 08:00:01 GMT"}
    assert (await admin.patch(path, json={"Title": "Head"}, headers=fresh)).status_code == 204
    odd = await admin.patch(path, json={"Title": "X"}, headers={"If-Unmodified-Since": "yesterday"})
    assert odd.status_code == 400


@pytest.mark.parametrize(
    ("fields", "code", "message", "named"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        ({"LastName": "  "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        ({"Color__c": "Red"}, "INVALID_FIELD", "No such column 'Color__c' on sobject of type Contact", None),
        ({"Id": "x"}, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", None),
        (
            {"LastName": "x", "Email": "badone"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: badone",
            ["Email"],
        ),
        (
            {"LastName": "x", "Phone": "1" * 41},
            "STRING_TOO_LONG",
            f"Business Phone: data value too large: {'1' * 41} (max length=40)",
            ["Phone"],
        ),
        (
            {"LastName": "x", "MailingGeocodeAccuracy": "Terrible"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Mailing Geocode Accuracy: bad value for restricted picklist field: Terrible",
            ["MailingGeocodeAccuracy"],
        ),
        (
            {"LastName": "x", "Name": "y", "IsDeleted": True},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: Name, IsDeleted. Please check the security settings of this field and "
            "verify that it is read/write for your profile or permission set.",
            ["Name", "IsDeleted"],
        ),
        (
            {"LastName": "x", "AccountId": "0015e0000000001AAB"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 0015e0000000001AAB",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "AccountId": "0035e0000000001AAA"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 0035e0000000001AAA",
            ["AccountId"],
        ),
        (
            {"LastName": "x", "AccountId": "0015e0000000009"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            [],
        ),
        (
            {"LastName": "x", "Title": "a Test"},
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Please enter the customer's real job title.",
            ["Title"],
        ),
    ],
)
async def test_a_bad_value_is_refused_as_real_orgs_refuse_it(
    admin: httpx.AsyncClient, org: Org, fields: dict[str, object], code: str, message: str, named: list[str] | None
) -> None:
    answer = await admin.post(f"{V}/sobjects/Contact", json=fields)
    expected = {"message": message, "errorCode": code} | ({} if named is None else {"fields": named})
    assert (answer.status_code, answer.json()) == (400, [expected])
    assert list(org.rows("Contact")) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The HTTP entity body is required, but this request has no entity body."),
        (
            '{"LastName" jones}',
            "Unexpected character ('j' (code 106)): was expecting a colon to separate field name and value at "
            "[line:1, column:13]",
        ),
        ('{"LastName": "x"', "Unexpected end-of-input at [line:1, column:17]"),
        (
            '{"LastName": "x", "Birthdate": "29.2.1984"}',
            "Cannot deserialize instance of date from VALUE_STRING value 29.2.1984 or request may be missing a "
            "required field at [line:1, column:30]",
        ),
        (
            '{"LastName": 5}',
            "Cannot deserialize instance of string from VALUE_NUMBER_INT value 5 or request may be missing a required "
            "field at [line:1, column:12]",
        ),
    ],
)
async def test_a_body_that_cannot_be_read_says_where(admin: httpx.AsyncClient, body: str, message: str) -> None:
    answer = await admin.post(f"{V}/sobjects/Contact", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json() == [{"message": message, "errorCode": "JSON_PARSER_ERROR"}]


async def test_a_wrong_checksum_is_a_malformed_id(admin: httpx.AsyncClient, contact: str) -> None:
    wrong = contact[:-1] + ("B" if contact[-1] == "A" else "A")
    for answer in (
        await admin.patch(f"{V}/sobjects/Contact/{wrong}", json={"Title": "x"}),
        await admin.get(f"{V}/sobjects/Contact/{wrong}"),
        await admin.delete(f"{V}/sobjects/Account/{contact}"),
    ):
        assert answer.status_code == 400
        assert answer.json()[0]["errorCode"] == "MALFORMED_ID"
        assert answer.json()[0]["fields"] == ["Id"]


async def test_what_is_not_there_is_404(admin: httpx.AsyncClient) -> None:
    for path in (
        f"{V}/sobjects/Spaceship",
        f"{V}/nothing",
        f"{V}/sobjects/Contact/0035e0000000zzz",
        f"{V}/sobjects/a/b/c",
    ):
        answer = await admin.get(path)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    bad_version = await admin.post("/services/data/viAmABadVersion/sobjects/Account", json={"name": "x"})
    assert (bad_version.status_code, bad_version.json()) == (404, NOT_FOUND)
    assert "sforce-limit-info" not in bad_version.headers


async def test_a_wrong_method_or_media_type_is_named(admin: httpx.AsyncClient, contact: str) -> None:
    put = await admin.put(f"{V}/sobjects/Contact/{contact}", json={})
    assert put.status_code == 405
    assert put.json()[0]["errorCode"] == "METHOD_NOT_ALLOWED"
    assert "'PUT'" in put.json()[0]["message"]
    text = await admin.post(f"{V}/sobjects/Contact", content="LastName=x", headers={"Content-Type": "text/plain"})
    assert text.status_code == 415
    user = await admin.patch(f"{V}/sobjects/User/0055e0000000001", json={"Title": "x"})
    assert user.json()[0]["errorCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


async def test_head_is_get_without_a_body(admin: httpx.AsyncClient, contact: str) -> None:
    answer = await admin.head(f"{V}/sobjects/Contact/{contact}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "last-modified" in answer.headers


async def test_the_describe_has_the_recorded_shape_and_is_304_the_second_time(
    admin: httpx.AsyncClient, org: Org
) -> None:
    answer = await admin.get(f"{V}/sobjects/contact/describe/")
    shown = answer.json()
    fields = {field["name"]: field for field in shown["fields"]}
    assert {len(field) for field in shown["fields"]} == {57}
    assert shown["keyPrefix"] == "003"
    assert shown["urls"]["rowTemplate"] == f"{V}/sobjects/Contact/{{ID}}"
    assert shown["urls"]["uiDetailTemplate"] == f"{org.instance_url}/{{ID}}"
    assert (fields["Email"]["type"], fields["Email"]["length"], fields["Email"]["idLookup"]) == ("email", 80, True)
    assert fields["Description"]["filterable"] is False
    again = await admin.get(
        f"{V}/sobjects/Contact/describe", headers={"If-Modified-Since": answer.headers["last-modified"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_all_four_objects_are_listed_and_described_alike(admin: httpx.AsyncClient) -> None:
    listed = (await admin.get(f"{V}/sobjects")).json()
    names = [entry["name"] for entry in listed["sobjects"]]
    assert names == ["Account", "Contact", "Organization", "User"]
    for name in names:
        shown = (await admin.get(f"{V}/sobjects/{name}/describe")).json()
        assert {len(field) for field in shown["fields"]} == {57}
        assert "example" not in json.dumps(shown)
        light = (await admin.get(f"{V}/sobjects/{name}")).json()
        assert light["objectDescribe"]["keyPrefix"] == shown["keyPrefix"]


async def test_support_sees_and_writes_less(http: httpx.AsyncClient, org: Org, contact: str) -> None:
    colleague = as_colleague(http, org)
    fields = {f["name"]: f for f in (await colleague.get(f"{V}/sobjects/Contact/describe")).json()["fields"]}
    assert "Birthdate" not in fields
    assert (fields["LeadSource"]["updateable"], fields["LeadSource"]["createable"]) == (False, False)
    assert fields["Title"]["updateable"] is True
    assert "Birthdate" not in (await colleague.get(f"{V}/sobjects/Contact/{contact}")).json()
    refused = await colleague.patch(f"{V}/sobjects/Contact/{contact}", json={"LeadSource": "Web"})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused.json()[0]["fields"] == ["LeadSource"]


async def test_a_long_answer_comes_in_pages(admin: httpx.AsyncClient, org: Org) -> None:
    org.load("Contact", ({"LastName": f"L{n}"} for n in range(450)))
    small = {"Sforce-Query-Options": "batchSize=200"}
    page = (await admin.get(f"{V}/query", params={"q": "SELECT LastName FROM Contact"}, headers=small)).json()
    names = [row["LastName"] for row in page["records"]]
    assert (page["totalSize"], page["done"], len(names)) == (450, False, 200)
    assert page["nextRecordsUrl"].startswith(f"{V}/query/01g")
    assert page["nextRecordsUrl"].endswith("-200")
    locator = page["nextRecordsUrl"]
    while not page["done"]:
        page = (await admin.get(page["nextRecordsUrl"], headers=small)).json()
        names += [row["LastName"] for row in page["records"]]
    assert "nextRecordsUrl" not in page
    assert names == [f"L{n}" for n in range(450)]
    stolen = await as_colleague(admin, org).get(locator)
    assert stolen.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


async def test_an_org_may_answer_less_than_asked_for(admin: httpx.AsyncClient, org: Org) -> None:
    org.load("Contact", ({"LastName": f"L{n}"} for n in range(300)))
    org.largest_page = 120
    page = (await admin.get(f"{V}/query/", params={"q": "SELECT Id FROM Contact"})).json()
    assert (len(page["records"]), page["done"]) == (120, False)


async def test_a_search_answers_with_search_records(admin: httpx.AsyncClient, contact: str) -> None:
    text = "FIND {amara} IN NAME FIELDS RETURNING Contact(Id, Name)"
    found = (await admin.get(f"{V}/search", params={"q": text})).json()
    [row] = found["searchRecords"]
    assert (row["attributes"]["type"], row["Id"], row["Name"]) == ("Contact", contact, "Amara Okafor")


async def test_the_clients_name_reaches_the_change(admin: httpx.AsyncClient, org: Org, contact: str) -> None:
    headers = {"Sforce-Call-Options": "client=Sidebar"}
    await admin.patch(f"{V}/sobjects/Contact/{contact}", json={"Title": "Head"}, headers=headers)
    assert [change.actor.origin for change in org.changes] == [
        "com/salesforce/api/rest/67.0",
        "com/salesforce/api/rest/60.0;client=Sidebar",
    ]


async def test_too_long_addresses_and_headers_stop_at_the_edge(admin: httpx.AsyncClient) -> None:
    assert (await admin.get(f"{V}/query?q={'x' * 16_400}")).status_code == 414
    assert (await admin.get(f"{V}/query?q={'x' * 12_000}", headers={"X-Long": "y" * 5_000})).status_code == 431


async def test_faults_are_switched_by_name(admin: httpx.AsyncClient, org: Org) -> None:
    assert (await admin.post("/twin/faults", json={"unavailable": True})).json()["unavailable"] is True
    down = await admin.get(f"{V}/limits")
    assert (down.status_code, down.json()[0]["errorCode"]) == (503, "SERVER_UNAVAILABLE")
    assert (await admin.post("/services/oauth2/token", data={})).status_code == 503
    await admin.post("/twin/faults", json={"unavailable": False, "api_disabled": True})
    assert (await admin.get(f"{V}/limits")).json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"
    await admin.post("/twin/faults", json={"api_disabled": False, "limit_exceeded": True})
    assert (await admin.get(f"{V}/limits")).headers["sforce-limit-info"] == "api-usage=15000/15000"
    await admin.post("/twin/faults", json={"limit_exceeded": False, "expire_sessions": True})
    assert (await admin.get(f"{V}/limits")).status_code == 401
    assert not any((await admin.get("/twin/faults")).json().values())


@pytest.mark.parametrize(
    "wanted", [{"fire": True}, {"unavailable": 1}, {"latency_ms": -1}, {"latency_ms": True}, [], "x"]
)
async def test_an_unknown_fault_is_refused_and_nothing_is_switched(admin: httpx.AsyncClient, wanted: object) -> None:
    refused = await admin.post("/twin/faults", json=wanted)
    assert refused.status_code == 400
    assert not any((await admin.get("/twin/faults")).json().values())
    if wanted == {"fire": True}:
        assert "latency_ms" in refused.json()["error"]


quick = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
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


@quick
@given(body=st.dictionaries(st.sampled_from(FIELDS) | st.text(), anything, max_size=4) | anything)
async def test_no_body_ends_in_a_500(admin: httpx.AsyncClient, contact: str, body: object) -> None:
    content = json.dumps(body)
    headers = {"Content-Type": "application/json"}
    made = await admin.post(f"{V}/sobjects/Contact", content=content, headers=headers)
    changed = await admin.patch(f"{V}/sobjects/Contact/{contact}", content=content, headers=headers)
    assert made.status_code in (201, 400)
    assert changed.status_code in (204, 400)
    if made.status_code == 201:
        assert (await admin.get(made.headers["location"])).status_code == 200


@quick
@given(path=st.text(max_size=30))
async def test_no_address_ends_in_a_500(admin: httpx.AsyncClient, path: str) -> None:
    safe = quote(path.encode("utf-8", "replace"), safe="/")
    for method in ("GET", "DELETE"):
        answer = await admin.request(method, f"{V}/sobjects/Contact/{safe}")
        assert answer.status_code in (200, 400, 404, 405)


async def test_half_a_surrogate_pair_becomes_a_question_mark(admin: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    made = await admin.post(f"{V}/sobjects/Contact", content=b'{"LastName": "a\\ud800b"}', headers=headers)
    assert (await admin.get(made.headers["location"])).json()["LastName"] == "a?b"
    unknown = await admin.post(f"{V}/sobjects/Contact", content=b'{"\\ud800": 1}', headers=headers)
    assert unknown.json()[0]["message"] == "No such column '?' on sobject of type Contact"
    query = await admin.get(f"{V}/query", params={"q": r"SELECT Id FROM Contact WHERE LastName = '\ud800'"})
    assert query.json()["totalSize"] == 0
