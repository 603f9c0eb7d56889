"""One org's data API: paging, renewal of the token, strange answers, the usage gauge. The twin answers."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from sidebar.contacts.fields import specs
from sidebar.salesforce.client import Access, Client, Usage, moment, newest_version
from sidebar.salesforce.errors import (
    ApiDisabled,
    Changed,
    LimitExceeded,
    NotFound,
    Refused,
    SalesforceError,
    Unauthorized,
    Unreachable,
)
from sidebar.twin.org import Actor
from sidebar.twin.org.permissions import Profile
from sidebar.twin.seed import seed
from tests.conftest import Clock
from tests.org import MY_DOMAIN, PretendSalesforce

pytestmark = pytest.mark.anyio

QUERY = "SELECT Id, LastName FROM Contact"


class Tokens:
    """Gives tokens of the org; a refused one is replaced, and counted."""

    def __init__(self, salesforce: PretendSalesforce) -> None:
        self._org = salesforce.org
        self._current = self._org.grant(self._org.integration)
        self.renewals = 0

    async def __call__(self, refused: Access | None) -> Access:
        if refused is not None:
            self.renewals += 1
            self._current = self._org.grant(self._org.integration)
        return Access(MY_DOMAIN, self._current)


@pytest.fixture
def salesforce(clock: Clock) -> PretendSalesforce:
    salesforce = PretendSalesforce(clock)
    seed(salesforce.org, 30)
    return salesforce


@pytest.fixture
def tokens(salesforce: PretendSalesforce) -> Tokens:
    return Tokens(salesforce)


@pytest.fixture
async def client(salesforce: PretendSalesforce, tokens: Tokens) -> AsyncIterator[Client]:
    async with salesforce.http() as http:
        yield Client(http, "67.0", tokens)


def answering(answer: Callable[[httpx.Request], httpx.Response] | httpx.Response) -> Client:
    """A client of something that gives `answer`."""

    async def access(_refused: Access | None) -> Access:
        return Access("https://org.example", "a token")

    transport = httpx.MockTransport(answer if callable(answer) else lambda _request: answer)
    return Client(httpx.AsyncClient(transport=transport), "67.0", access)


def a_contact(salesforce: PretendSalesforce) -> str:
    return str(next(salesforce.org.rows("Contact"))["Id"])


async def test_a_query_answers_all_its_records_over_as_many_pages_as_there_are(
    salesforce: PretendSalesforce, client: Client
) -> None:
    salesforce.org.setup.largest_page = 7
    found = await client.query(QUERY)
    assert [row["Id"] for row in found] == [row["Id"] for row in salesforce.org.rows("Contact")]
    assert client.calls == len(salesforce.requests) == 5


async def test_a_query_of_one_page_costs_one_call(salesforce: PretendSalesforce, client: Client) -> None:
    assert len(await client.query(QUERY)) == 30
    assert client.calls == 1
    assert await client.query(f"{QUERY} WHERE LastName = 'Nobody'") == []


async def test_done_decides_and_not_whether_there_is_an_address_of_more() -> None:
    page = {"totalSize": 1, "done": True, "nextRecordsUrl": "/services/data/v67.0/query/x-1", "records": [{"Id": "1"}]}
    client = answering(httpx.Response(200, json=page))
    assert await client.query(QUERY) == [{"Id": "1"}]
    assert client.calls == 1


async def test_a_spent_token_is_renewed_once_and_nobody_notices(
    salesforce: PretendSalesforce, client: Client, tokens: Tokens
) -> None:
    salesforce.org.grants.expire_sessions()
    assert len(await client.query(QUERY)) == 30
    assert tokens.renewals == 1
    assert client.calls == 2
    first, second = salesforce.tokens_used()
    assert first != second


async def test_a_write_refused_for_its_token_is_written_once_with_the_next(
    salesforce: PretendSalesforce, client: Client, clock: Clock
) -> None:
    id = a_contact(salesforce)
    changes = len(salesforce.org.changes)
    salesforce.org.grants.expire_sessions()
    await client.update("Contact", id, {"Title": "Partner"}, datetime.fromtimestamp(clock() / 1000, UTC))
    assert salesforce.org.locate("Contact", id)[2]["Title"] == "Partner"
    assert len(salesforce.org.changes) == changes + 1


async def test_a_token_that_is_refused_again_is_told_and_not_tried_for_ever() -> None:
    body = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    client = answering(httpx.Response(401, json=body))
    with pytest.raises(Unauthorized):
        await client.query(QUERY)
    assert client.calls == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Please sign in to the hotel's network</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json=None),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"hello": "world"}),
        httpx.Response(200, json={"records": "many", "searchRecords": None, "done": True}),
        httpx.Response(200, json={"records": {}, "searchRecords": 5}),
        httpx.Response(302, headers={"Location": "https://maintenance.example"}),
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(503, text="Service Unavailable"),
        httpx.Response(420, text="<html>no routing</html>"),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.content[:24]!r}",
)
async def test_what_is_not_salesforces_answer_is_unreachable(answer: httpx.Response) -> None:
    with pytest.raises(Unreachable):
        await answering(answer).query(QUERY)
    with pytest.raises(Unreachable):
        await answering(answer).search("FIND {x1}")


async def test_a_page_that_leads_nowhere_is_an_error_and_not_half_an_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/query"):
            return httpx.Response(200, json={"done": False, "records": [{"Id": "1"}]})
        return httpx.Response(400, json=[{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}])

    with pytest.raises(Refused, match="INVALID_QUERY_LOCATOR"):
        await answering(answer).query(QUERY)


@pytest.mark.parametrize("problem", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError])
async def test_no_answer_is_unreachable(problem: type[httpx.HTTPError]) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise problem("no answer from https://org.example?q=secret")

    with pytest.raises(Unreachable, match=problem.__name__) as told:
        await answering(answer).query(QUERY)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("fault", "kind"), [("unavailable", Unreachable), ("api_disabled", ApiDisabled), ("limit_exceeded", LimitExceeded)]
)
async def test_each_way_an_org_can_fail_has_its_own_error(
    salesforce: PretendSalesforce, client: Client, fault: str, kind: type[SalesforceError]
) -> None:
    """RI-39 for the API that is switched off."""
    salesforce.org.faults.switch({fault: True})
    with pytest.raises(kind):
        await client.query(QUERY)
    assert client.calls == 1


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=54/101000", Usage(54, 101_000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=sample-connected-app); api-usage=25/5000", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=api-usage),api-usage=25/5000", Usage(25, 5000)),
        ("api-usage=5100/5000", Usage(5100, 5000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("", None),
        ("api-usage=many", None),
    ],
)
async def test_the_usage_header_is_read_in_either_order(header: str, usage: Usage | None) -> None:
    answer = httpx.Response(200, json={"done": True, "records": []}, headers={"Sforce-Limit-Info": header})
    client = answering(answer)
    await client.query(QUERY)
    assert client.usage == usage


async def test_the_usage_is_a_gauge_of_the_last_answer_that_told_it(
    salesforce: PretendSalesforce, client: Client
) -> None:
    assert client.usage is None
    await client.query(QUERY)
    await client.query(QUERY)
    assert client.usage == Usage(2, 15_000)
    salesforce.org.faults.unavailable = True
    with pytest.raises(Unreachable):
        await client.query(QUERY)
    assert client.usage == Usage(2, 15_000), "an answer without the header changes nothing"
    salesforce.org.faults.unavailable = False
    salesforce.org.faults.limit_exceeded = True
    with pytest.raises(LimitExceeded):
        await client.query(QUERY)
    assert client.usage == Usage(15_000, 15_000)


async def test_every_call_says_who_asks(salesforce: PretendSalesforce, client: Client, clock: Clock) -> None:
    now = datetime.fromtimestamp(clock() / 1000, UTC)
    await client.update("Contact", a_contact(salesforce), {"Title": "Partner"}, now)
    assert salesforce.org.changes[-1].actor.origin == "com/salesforce/api/rest/67.0;client=sidebar"


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))])
async def test_a_record_that_was_changed_since_is_not_written(
    salesforce: PretendSalesforce, client: Client, clock: Clock, zone: timezone
) -> None:
    id, seen = a_contact(salesforce), datetime.fromtimestamp(clock() // 1000, zone)
    clock.pass_seconds(1)
    salesforce.org.update(Actor(salesforce.org.admin), "Contact", id, {"Department": "Legal"})
    with pytest.raises(Changed):
        await client.update("Contact", id, {"Title": "Partner"}, seen)
    assert salesforce.org.locate("Contact", id)[2].get("Title") != "Partner"
    await client.update("Contact", id, {"Title": "Partner"}, seen + timedelta(seconds=1))
    assert salesforce.org.locate("Contact", id)[2]["Title"] == "Partner"


async def test_a_deleted_record_is_not_found(salesforce: PretendSalesforce, client: Client, clock: Clock) -> None:
    id = a_contact(salesforce)
    salesforce.org.delete(Actor(salesforce.org.admin), "Contact", id)
    with pytest.raises(NotFound):
        await client.update("Contact", id, {"Title": "Partner"}, datetime.fromtimestamp(clock() / 1000, UTC))


async def test_a_search_answers_its_records(client: Client) -> None:
    found = await client.search("FIND {4155550100 OR 14155550100*} IN PHONE FIELDS RETURNING Contact(Id, LastName)")
    assert {str(row["LastName"]) for row in found} == {"Whitfield", "Lee", "Raman"}
    assert await client.search("FIND {999999999} IN PHONE FIELDS RETURNING Contact(Id)") == []


async def test_describe_tells_only_what_the_connected_user_may_see(
    salesforce: PretendSalesforce, client: Client
) -> None:
    org = salesforce.org
    org.profiles[org.integration.profile] = Profile("Less", hidden=frozenset({"Contact.Birthdate"}))
    described = await client.describe("Contact")
    assert described["name"] == "Contact"
    assert {"Birthdate", "Title"} & set(specs(described)) == {"Title"}


async def test_the_newest_version_that_both_know_is_used(salesforce: PretendSalesforce) -> None:
    async with salesforce.http() as http:
        assert await newest_version(http, MY_DOMAIN, "67.0") == "67.0"
        assert await newest_version(http, MY_DOMAIN, "65.0") == "65.0"
        assert await newest_version(http, MY_DOMAIN, "99.0") == "68.0"
        with pytest.raises(Unreachable, match=r"no API version up to 30\.0"):
            await newest_version(http, MY_DOMAIN, "30.0")
    assert salesforce.requests == [("/services/data/", "", {})] * 4, "this call needs no token"


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "{}", "5", "null", "[5]", '[{"label": "x"}]', '[{"version": "new"}]', '[{"version": null}]'],
)
async def test_a_list_of_versions_that_cannot_be_read_is_unreachable(body: str) -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: httpx.Response(200, text=body)))
    with pytest.raises(Unreachable):
        await newest_version(http, "https://org.example", "67.0")


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T08:00:00.000+0000",
        "2026-11-22T08:00:00.000Z",
        "2026-11-22T09:00:00.000+01:00",
        "Sun, 22 Nov 2026 08:00:00 GMT",
    ],
)
def test_moments_are_read_in_each_form_salesforce_writes(written: str) -> None:
    assert moment(written) == datetime(2026, 11, 22, 8, tzinfo=UTC)
