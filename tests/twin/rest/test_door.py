"""The door of the data API: tokens, counting, limits, methods, and what stops at the edge."""

import gzip

import anyio
import httpx
import pytest

from sidebar.twin.org import Org

from ..conftest import HOST, Clock
from .conftest import NOT_FOUND, V

pytestmark = pytest.mark.anyio


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
    org.setup.daily_limit = 1
    assert (await admin.get(f"{V}/limits")).status_code == 200
    refused = await admin.get(f"{V}/limits")
    assert refused.status_code == 403
    assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    clock.wait(hours=24)
    admin.headers["Authorization"] = f"Bearer {org.grant(org.admin)}"
    assert (await admin.get(f"{V}/limits")).status_code == 200


async def test_what_is_not_there_is_404(admin: httpx.AsyncClient) -> None:
    for path in (
        f"{V}/sobjects/Spaceship",
        f"{V}/nothing",
        f"{V}/sobjects/Contact/0035e0000000zzz",
        f"{V}/sobjects/a/b/c",
        f"{V}/sobjects/Contact/describe/layouts",
    ):
        answer = await admin.get(path)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    bad_version = await admin.post("/services/data/viAmABadVersion/sobjects/Account", json={"name": "x"})
    assert (bad_version.status_code, bad_version.json()) == (404, NOT_FOUND)
    assert "sforce-limit-info" not in bad_version.headers


async def test_an_address_may_begin_with_two_slashes(admin: httpx.AsyncClient) -> None:
    """The Salesforce CLI keeps an instance URL with its last slash and adds /services/data to it."""
    for path in ("", "/v60.0", "/v60.0/query?q=SELECT+COUNT()+FROM+User"):
        doubled = await admin.get(f"{HOST}//services/data{path}")
        assert (doubled.status_code, doubled.json()) == (200, (await admin.get(f"/services/data{path}")).json())


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


async def test_too_long_addresses_and_headers_stop_at_the_edge(admin: httpx.AsyncClient) -> None:
    assert (await admin.get(f"{V}/query?q={'x' * 16_400}")).status_code == 414
    assert (await admin.get(f"{V}/query?q={'x' * 12_000}", headers={"X-Long": "y" * 5_000})).status_code == 431


async def test_bodies_may_be_zipped_both_ways(admin: httpx.AsyncClient, org: Org) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    body = gzip.compress(b'{"LastName": "Zipped"}')
    assert (await admin.post(f"{V}/sobjects/Contact", content=body, headers=headers)).status_code == 201
    shown = await admin.get(f"{V}/sobjects", headers={"Accept-Encoding": "gzip"})
    assert (shown.headers["content-encoding"], shown.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert shown.json()["encoding"] == "UTF-8"


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", b"plain", 400),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-4], 400),
        ("br", b"{}", 415),
        ("gzip", gzip.compress(bytes(50 * 2**20 + 1), 1, mtime=0), 413),
    ],
    ids=["not zipped", "cut short", "another way", "too large inside"],
)
async def test_a_body_that_cannot_be_unzipped_is_refused(
    admin: httpx.AsyncClient, encoding: str, body: bytes, status: int
) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = await admin.post(f"{V}/sobjects/Contact", content=body, headers=headers)
    assert (answer.status_code, len(answer.json())) == (status, 1)
    assert answer.headers["sforce-limit-info"] == "api-usage=1/15000"


@pytest.mark.parametrize(("fault", "done"), [("timeouts_before", 0), ("timeouts_after", 1)])
async def test_a_call_may_never_be_answered(admin: httpx.AsyncClient, org: Org, fault: str, done: int) -> None:
    org.faults.switch({fault: 1})
    with anyio.move_on_after(0.05) as waiting:
        await admin.post(f"{V}/sobjects/Contact", json={"LastName": "x"})
    assert waiting.cancelled_caught
    assert len(list(org.rows("Contact"))) == done
    assert (await admin.post(f"{V}/sobjects/Contact", json={"LastName": "x"})).status_code == 201


async def test_any_version_answers_and_others_are_unknown(admin: httpx.AsyncClient) -> None:
    for number in (40, 57, 68):
        for path in (f"/services/data/v{number}.0/limits", f"/services/data/v{number}.0/limits/"):
            assert (await admin.get(path)).status_code == 200
    for version in ("v39.0", "v69.0", "v60", "v60.1", "v060.0", "60.0", "v٦٠.0"):
        assert (await admin.get(f"/services/data/{version}/limits")).json() == NOT_FOUND


async def test_a_retired_version_is_gone(admin: httpx.AsyncClient) -> None:
    """Salesforce Help, Platform API Versions 21.0 through 30.0 Retirement: "REST API returns 410: GONE"."""
    for number in (7, 23, 30):
        answer = await admin.get(f"/services/data/v{number}.0/limits")
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (410, "GONE")


async def test_methods_are_refused_in_one_sentence(admin: httpx.AsyncClient) -> None:
    message = "HTTP Method 'DELETE' not allowed. Allowed are GET,HEAD"
    for path in ("/services/data", f"{V}/limits"):
        answer = await admin.delete(path)
        assert (answer.status_code, answer.json()) == (405, [{"message": message, "errorCode": "METHOD_NOT_ALLOWED"}])


async def test_a_post_may_say_which_method_it_means(admin: httpx.AsyncClient, contact: str) -> None:
    """The REST API guide, "Update a Record": for clients that cannot send PATCH."""
    path = f"{V}/sobjects/Contact/{contact}"
    changed = await admin.post(path, params={"_HttpMethod": "PATCH"}, json={"Title": "Founder"})
    assert (changed.status_code, (await admin.get(path)).json()["Title"]) == (204, "Founder")
    assert (await admin.get(path, params={"_HttpMethod": "DELETE"})).status_code == 200
    assert (await admin.post(path, params={"_HttpMethod": "DELETE"})).status_code == 204
    assert (await admin.get(path)).status_code == 404


async def test_no_answer_of_the_data_api_may_be_kept(admin: httpx.AsyncClient) -> None:
    kept = "no-cache,must-revalidate,max-age=0,no-store,private"
    for path in ("/services/data", f"{V}/limits", f"{V}/nothing"):
        assert (await admin.get(path)).headers["cache-control"] == kept
