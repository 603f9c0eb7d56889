"""Salesforce's errors and what they become: bodies as real orgs send them, and what else may come from the edge."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebar.salesforce import errors
from sidebar.salesforce.errors import (
    ApiDisabled,
    Changed,
    LimitExceeded,
    NotFound,
    Refused,
    SalesforceError,
    Unauthorized,
    Unreachable,
    from_response,
    from_transport,
)


def said(status: int, code: str, message: str = "", **more: object) -> SalesforceError:
    return from_response(httpx.Response(status, json=[{"message": message, "errorCode": code, **more}]))


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (401, "INVALID_SESSION_ID", "Session expired or invalid", Unauthorized),
        (401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", Unauthorized),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", LimitExceeded),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", LimitExceeded),
        (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", ApiDisabled),
        (403, "API_CURRENTLY_DISABLED", 'API is not enabled for this User: "API Enabled" missing', ApiDisabled),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", Refused),
        (400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on cross-reference id", Refused),
        (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights", Refused),
        (400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: LeadSource.", Refused),
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Please enter the customer's real job title.", Refused),
        (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "ContactTrigger: BeforeUpdate caused by: x", Refused),
        (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "ContactTrigger: UNABLE_TO_LOCK_ROW, unable to", Unreachable),
        (400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", Refused),
        (400, "STRING_TOO_LONG", "Title: data value too large: … (max length=128)", Refused),
        (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Rating: bad value for restricted picklist field", Refused),
        (400, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: badone", Refused),
        (400, "DUPLICATES_DETECTED", "Use one of these records?", Refused),
        (400, "DUPLICATE_VALUE", "duplicate value found", Refused),
        (404, "ENTITY_IS_DELETED", "entity is deleted", NotFound),
        (404, "NOT_FOUND", "The requested resource does not exist", NotFound),
        (400, "MALFORMED_ID", "Record ID: id value of incorrect type: 003", Refused),
        (400, "MALFORMED_QUERY", "unexpected token: SELEKT", Refused),
        (400, "MALFORMED_SEARCH", "No search term found.", Refused),
        (400, "INVALID_FIELD", "No such column 'X' on sobject of type Contact", Refused),
        (400, "INVALID_TYPE", "sObject type 'XYZZY' is not supported.", Refused),
        (400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", Refused),
        (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", Unreachable),
        (500, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", Unreachable),
        (400, "QUERY_TIMEOUT", "Your query request was running for too long.", Unreachable),
        (503, "SERVER_UNAVAILABLE", "Server Unavailable", Unreachable),
        (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", Unreachable),
        (405, "METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed.", Refused),
        (412, "PRECONDITION_FAILED", "modified since", Changed),
        (400, "SOMETHING_NEW", "we have never heard of it", Refused),
        (502, "SOMETHING_NEW", "we have never heard of it", Unreachable),
    ],
)  # fmt: skip
def test_an_error_code_becomes_a_class_and_stays_visible(
    status: int, code: str, message: str, kind: type[SalesforceError]
) -> None:
    problem = said(status, code, message, fields=["Title"])
    assert type(problem) is kind
    assert (problem.code, problem.message, problem.fields, problem.status) == (code, message, ("Title",), status)
    assert str(problem) == f"{code}: {message}"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, Unreachable),
        (304, Unreachable),
        (400, Unreachable),
        (401, Unauthorized),
        (403, Unreachable),
        (404, NotFound),
        (412, Changed),
        (414, Unreachable),
        (420, Unreachable),
        (431, Unreachable),
        (500, Unreachable),
        (502, Unreachable),
        (503, Unreachable),
    ],
)
@pytest.mark.parametrize(
    "body",
    [b"", b"Bad_OAuth_Token", b"<html>We are down for maintenance.</html>", b"\xff\xfe", b"[]", b"null", b"5"],
    ids=repr,
)  # fmt: skip
def test_an_answer_that_names_no_code_is_judged_by_its_status(
    status: int, body: bytes, kind: type[SalesforceError]
) -> None:
    problem = from_response(httpx.Response(status, content=body))
    assert type(problem) is kind
    assert problem.message == f"Salesforce answered {status}"


@pytest.mark.parametrize(
    "body",
    [
        ["text"],
        [[]],
        [None],
        {"error": "invalid_grant"},
        {"errorCode": None, "message": None, "fields": None},
        [{"errorCode": None, "message": None, "fields": 5}],
        [{"errorCode": ["a"], "message": {}, "fields": "Title"}],
        [{"duplicateResut": {"allowSave": True}, "errorCode": "DUPLICATES_DETECTED", "message": "Use one of these?"}],
    ],
    ids=str,
)
def test_an_answer_of_a_strange_shape_is_still_an_error_of_ours(body: object) -> None:
    problem = from_response(httpx.Response(400, json=body))
    assert isinstance(problem, Unreachable | Refused)
    assert problem.fields == ()
    assert "None" not in str(problem)


@given(st.integers(300, 599), st.binary(max_size=200))
def test_no_answer_breaks_the_reading_of_errors(status: int, body: bytes) -> None:
    assert isinstance(from_response(httpx.Response(status, content=body)), SalesforceError)


names = st.sampled_from(["errorCode", "message", "fields"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner),
    max_leaves=8,
)


@given(st.integers(300, 599), json_values)
def test_no_json_breaks_the_reading_of_errors(status: int, body: object) -> None:
    response = httpx.Response(status, content=json.dumps(body))
    assert isinstance(from_response(response), SalesforceError)


@pytest.mark.parametrize(
    ("kind", "permanent", "retry_after"),
    [
        (errors.Unreachable, False, 5.0),
        (errors.ApiDisabled, True, None),
        (errors.Unauthorized, False, 0.0),
        (errors.GrantEnded, True, None),
        (errors.SignInRefused, True, None),
        (errors.NotFound, True, None),
        (errors.Changed, False, 0.0),
        (errors.StreamRefused, True, None),
        (errors.Refused, True, None),
    ],
)
def test_every_class_says_whether_asking_again_helps(
    kind: type[SalesforceError], permanent: bool, retry_after: float | None
) -> None:
    assert (kind("x").permanent, kind("x").retry_after) == (permanent, retry_after)


def test_a_daily_limit_takes_minutes_and_a_crowd_of_requests_seconds() -> None:
    assert said(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").retry_after == 300
    assert said(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit").retry_after == 5
    assert not LimitExceeded("x").permanent


def test_every_class_is_drawn_in_the_tree_and_there_are_ten_at_most() -> None:
    classes = SalesforceError.__subclasses__()
    assert len(classes) <= 10
    assert all(f"── {each.__name__} " in str(errors.__doc__) for each in classes)


@pytest.mark.parametrize("problem", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
def test_a_request_without_an_answer_is_unreachable_and_tells_no_address(problem: httpx.HTTPError) -> None:
    assert type(problem).__name__ in from_transport(problem).message
    assert not from_transport(problem).permanent
