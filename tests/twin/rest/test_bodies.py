"""Request bodies that cannot be read say why."""

import httpx
import pytest

from .conftest import V

pytestmark = pytest.mark.anyio


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
