"""An independent judge: the simple-salesforce library, which knows real orgs, against the twin on a real socket."""

import threading
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from starlette.applications import Starlette

from sidebar.twin import oauth, rest
from sidebar.twin.org import Org
from tests.twin.conftest import HOST, Clock


class Plain(HTTPAdapter):
    """The library insists on https; the twin of this test speaks http."""

    def send(self, request: requests.PreparedRequest, *args: object, **more: object) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Org, str]]:
    org = Org(clock=Clock(), instance_url=HOST)
    org.load("Contact", ({"LastName": f"L{n}", "Email": f"p{n}@many.example"} for n in range(4_500)))
    app = Starlette(routes=[*rest.app(org), *oauth.routes(org)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield org, f"localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def sf(served: tuple[Org, str]) -> Iterator[Salesforce]:
    org, host = served
    with requests.Session() as session:
        session.mount("https://", Plain())
        yield Salesforce(instance=host, session_id=org.grant(org.admin), session=session, version="60.0")


def test_query_all_follows_every_page(sf: Salesforce) -> None:
    found = sf.query_all("SELECT Id, LastName FROM Contact WHERE Email LIKE '%@many.example'")
    assert found["totalSize"] == 4_500
    assert [row["LastName"] for row in found["records"]] == [f"L{n}" for n in range(4_500)]
    assert sf.query("SELECT COUNT() FROM Contact WHERE Email = 'P7@MANY.example'")["totalSize"] == 1


def test_a_record_lives_its_life(sf: Salesforce) -> None:
    id_ = sf.Contact.create({"LastName": "Lefèvre", "FirstName": "Inès", "MailingCountry": "France"})["id"]
    assert sf.Contact.get(id_)["Name"] == "Inès Lefèvre"
    assert sf.Contact.update(id_, {"Title": "Fondatrice"}) == 204
    assert sf.Contact.get(id_)["Title"] == "Fondatrice"
    assert sf.Contact.delete(id_) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get(id_)


def test_the_describes_are_understood(sf: Salesforce) -> None:
    assert {entry["name"] for entry in sf.describe()["sobjects"]} == {"Account", "Contact", "Organization", "User"}
    assert next(field for field in sf.Contact.describe()["fields"] if field["name"] == "LastName")["nillable"] is False
    assert sf.Contact.metadata()["objectDescribe"]["name"] == "Contact"
    assert sf.is_sandbox() is False
    assert sf.limits()["DailyApiRequests"]["Max"] == 15_000


def test_the_usage_header_is_understood(sf: Salesforce) -> None:
    sf.limits()
    usage = sf.api_usage["api-usage"]
    assert usage.total == 15_000
    assert usage.used > 0


def test_a_search_is_understood(sf: Salesforce) -> None:
    sf.Contact.create({"LastName": "Gallagher", "Phone": "020 917 0142"})
    found = sf.search("FIND {0209170142} IN PHONE FIELDS RETURNING Contact(LastName)")
    assert [row["LastName"] for row in found["searchRecords"]] == ["Gallagher"]


def test_refusals_arrive_as_the_librarys_own_errors(sf: Salesforce, served: tuple[Org, str]) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        sf.query("SELECT Bacon FROM Contact")
    assert malformed.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        sf.Contact.create({"FirstName": "Nobody"})
    with pytest.raises(SalesforceResourceNotFound):
        sf.Spaceship.describe()
    served[0].faults.switch({"api_disabled": True})
    with pytest.raises(SalesforceRefusedRequest, match="API_DISABLED_FOR_ORG"):
        sf.limits()
    served[0].faults.switch({"api_disabled": False, "expire_sessions": True})
    with pytest.raises(SalesforceExpiredSession):
        sf.limits()
