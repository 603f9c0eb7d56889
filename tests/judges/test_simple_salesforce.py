"""An independent judge: the simple-salesforce library, which knows real orgs, against `sidebar twin` over TLS."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

CROWD = 4_500
SOON = 0.05  # seconds between two looks at a bulk job


@pytest.fixture(scope="module")
def org() -> Iterator[dict[str, Any]]:
    """The first line of a running `sidebar twin`, as the command a person types."""
    command = [sys.executable, "-m", "sidebar", "twin", "--json", "--tls", "--http-port=0", "--grpc-port=0"]
    with subprocess.Popen([*command, f"--contacts={CROWD}"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture(scope="module")
def session(org: dict[str, Any]) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = org["ca_file"]
        yield session


@pytest.fixture(scope="module")
def sf(org: dict[str, Any], session: requests.Session) -> Salesforce:
    return Salesforce(instance_url=org["instance_url"], session_id=org["access_token"], session=session, version="60.0")


def test_a_user_name_and_a_password_are_enough_to_sign_in(org: dict[str, Any], session: requests.Session) -> None:
    """By SOAP; the address of a scratch org is the one this library lets its user choose."""
    door = {"session": session, "scratch_url": org["instance_url"], "username": org["username"], "security_token": ""}
    session_id, host = SalesforceLogin(**door, password=org["password"])
    signed_in = Salesforce(instance=host, session_id=session_id, session=session, version="60.0")
    assert signed_in.query("SELECT COUNT() FROM User")["totalSize"] > 0
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        SalesforceLogin(**door, password="wrong")
    assert refused.value.code == "INVALID_LOGIN"


def test_query_all_follows_every_page(sf: Salesforce) -> None:
    found = sf.query_all("SELECT Id FROM Contact ORDER BY Id")
    assert found["totalSize"] == CROWD
    assert len({row["Id"] for row in found["records"]}) == CROWD
    assert sf.query("SELECT COUNT() FROM Contact WHERE Email = 'AMARA.okafor@brightloom.example'")["totalSize"] == 1


def test_deleted_records_are_seen_by_those_who_ask_for_them(sf: Salesforce) -> None:
    id_ = sf.Contact.create({"LastName": "Gone"})["id"]
    sf.Contact.delete(id_)
    query = f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{id_}'"
    assert sf.query(query)["records"] == []
    assert [row["IsDeleted"] for row in sf.query(query, include_deleted=True)["records"]] == [True]


def test_a_record_lives_its_life(sf: Salesforce) -> None:
    id_ = sf.Contact.create({"LastName": "Lefèvre", "FirstName": "Inès", "MailingCountry": "France"})["id"]
    assert sf.Contact.get(id_)["Name"] == "Inès Lefèvre"
    assert sf.Contact.update(id_, {"Title": "Fondatrice"}) == 204
    assert sf.Contact.get(id_)["Title"] == "Fondatrice"
    assert sf.Contact.delete(id_) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get(id_)


def test_an_upsert_by_external_id_creates_then_changes(sf: Salesforce) -> None:
    first = sf.Contact.upsert("Ext_Id__c/ss-1", {"LastName": "Upserted"}, raw_response=True)
    again = sf.Contact.upsert("Ext_Id__c/ss-1", {"Title": "Twice"}, raw_response=True)
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"], again.json()["id"]) == (200, False, first.json()["id"])
    assert sf.Contact.get_by_custom_id("Ext_Id__c", "ss-1")["Title"] == "Twice"


def test_an_upsert_that_fits_two_records_writes_neither(sf: Salesforce) -> None:
    """The Email of a Contact is a lookup key that need not be unique: 300 with the addresses of those it fits."""
    for _ in range(2):
        sf.Contact.create({"LastName": "Twin", "Email": "twins@two.example"})
    with pytest.raises(SalesforceMoreThanOneRecord) as several:
        sf.Contact.upsert("Email/twins@two.example", {"Title": "Which?"})
    assert len(several.value.content) == 2
    assert sf.query("SELECT COUNT() FROM Contact WHERE Title = 'Which?'")["totalSize"] == 0


def test_the_describes_are_understood(sf: Salesforce) -> None:
    assert {"Account", "Contact", "Lead", "Organization", "User", "Task"} <= {
        entry["name"] for entry in sf.describe()["sobjects"]
    }
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
    sf.Contact.create({"LastName": "Searched", "Phone": "020 917 0177"})
    found = sf.search("FIND {0209170177} IN PHONE FIELDS RETURNING Contact(LastName)")
    assert [row["LastName"] for row in found["searchRecords"]] == ["Searched"]


def test_bulk_rows_are_inserted_upserted_queried_and_deleted(sf: Salesforce) -> None:
    bulk = sf.bulk2.Contact
    people = [{"LastName": f'Bulk "{n}", Inès', "Department": "Bulk"} for n in range(300)]
    [done] = bulk.insert(records=people, wait=SOON)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (300, 0)
    upserts = [{"LastName": "Bulk upserted", "Department": "Bulk", "Ext_Id__c": f"ss-bulk-{n}"} for n in range(5)]
    for created in ("true", "false"):
        [done] = bulk.upsert(records=upserts, external_id_field="Ext_Id__c", wait=SOON)
        rows = table(bulk.get_successful_records(done["job_id"]))
        assert [row["sf__Created"] for row in rows] == [created] * 5
    query = "SELECT Id, LastName FROM Contact WHERE Department = 'Bulk'"
    pages = list(bulk.query(query, max_records=200, wait=SOON))
    rows = [row for page in pages for row in table(page)]
    assert (len(pages), len(rows)) == (2, 305)
    assert {row["LastName"] for row in rows} == {person["LastName"] for person in people} | {"Bulk upserted"}
    [done] = bulk.delete(records=[{"Id": row["Id"]} for row in rows], wait=SOON)
    assert done["numberRecordsProcessed"] == 305
    assert sf.query(query)["totalSize"] == 0


def test_bulk_rows_that_are_refused_come_back_with_the_reason(sf: Salesforce) -> None:
    people = [{"LastName": "Good", "Email": "good@bulk.example"}, {"LastName": "Bad", "Email": "no address"}]
    [done] = sf.bulk2.Contact.insert(records=people, wait=SOON)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    [bad] = table(sf.bulk2.Contact.get_failed_records(done["job_id"]))
    assert (bad["LastName"], bad["sf__Id"]) == ("Bad", "")
    assert bad["sf__Error"].startswith("INVALID_EMAIL_ADDRESS")
    assert table(sf.bulk2.Contact.get_unprocessed_records(done["job_id"])) == []


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_refusals_arrive_as_the_librarys_own_errors(sf: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        sf.query("SELECT Bacon FROM Contact")
    assert malformed.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        sf.Contact.create({"FirstName": "Nobody"})
    with pytest.raises(SalesforceResourceNotFound):
        sf.Spaceship.describe()


def test_a_closed_door_and_a_dead_session_are_told_apart(
    sf: Salesforce, org: dict[str, Any], session: requests.Session
) -> None:
    def switch(**faults: bool) -> None:
        assert session.post(f"{org['instance_url']}/twin/faults", json=faults).ok

    switch(api_disabled=True)
    with pytest.raises(SalesforceRefusedRequest, match="API_DISABLED_FOR_ORG"):
        sf.limits()
    switch(api_disabled=False, expire_sessions=True)
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        sf.limits()
