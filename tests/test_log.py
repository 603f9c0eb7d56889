"""The log: one line per event, and no secret or person in it. Most tests read the log of a process of their own."""

import json
import subprocess
import sys

import pytest

from sidebar.log import REDACTED, redact


def logged(code: str, form: str = "json", level: str = "info") -> list[str]:
    """What a process that runs `code` writes to standard error."""
    start = f"import logging, structlog\nfrom sidebar.log import set_up\nset_up({form!r}, {level!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{start}log = structlog.get_logger()\n{code}"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_an_event_is_one_json_object_on_one_line_with_time_and_level() -> None:
    [line] = logged("log.info('salesforce connected', workspace='w1', note='two\\nlines')")
    event = json.loads(line)
    assert event["timestamp"].endswith("Z")
    assert {name: event[name] for name in ("event", "level", "workspace", "note")} == {
        "event": "salesforce connected",
        "level": "info",
        "workspace": "w1",
        "note": "two\nlines",
    }


def test_people_get_text() -> None:
    [line] = logged("log.warning('salesforce connection ended', reason='ended')", form="text")
    assert "salesforce connection ended" in line
    assert "ended" in line and "warning" in line
    assert "\x1b" not in line, "no colours where nobody looks"


def test_what_is_below_the_level_is_not_written() -> None:
    assert logged("log.info('x'); log.debug('y')", level="warning") == []
    assert len(logged("log.info('x'); log.debug('y')", level="debug")) == 2


def test_addresses_of_requests_do_not_reach_the_log_through_a_library() -> None:
    """httpx logs every address at info, and ours hold the customer's e-mail."""
    lines = logged("logging.getLogger('httpx').info('GET https://org.example/query?q=ann@example.com')", level="debug")
    assert lines == []


def test_what_libraries_write_is_json_too() -> None:
    """uvicorn tells through Python's own logging what broke while a request was answered."""
    code = (
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger('uvicorn.error').exception('%s broke', 'it')"
    )
    [line] = logged(code)
    event = json.loads(line)
    assert {name: event[name] for name in ("event", "level", "logger")} == {
        "event": "it broke",
        "level": "error",
        "logger": "uvicorn.error",
    }
    assert event["timestamp"].endswith("Z")
    assert "ZeroDivisionError" in event["exception"]


def test_people_get_libraries_as_text_with_the_traceback_below() -> None:
    code = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger('asyncio').exception('lost')"
    first, *rest = logged(code, form="text")
    assert "lost" in first and "asyncio" in first
    assert rest[-1] == "ZeroDivisionError: division by zero"


def test_a_failure_is_logged_with_where_it_happened() -> None:
    [line] = logged("try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('failed')")
    assert "ZeroDivisionError" in json.loads(line)["exception"]


@pytest.mark.parametrize(
    "key",
    ["token", "access_token", "Refresh_Token", "client_secret", "password", "Authorization", "cookie", "code_verifier",
     "assertion", "email", "agent_email", "phones", "value", "old_value", "body", "payload", "code", "Set-Cookie"],
)  # fmt: skip
def test_secrets_and_personal_data_are_cut_out_by_the_name_of_their_key(key: str) -> None:
    assert redact(None, "info", {"event": "x", key: "ann"}) == {"event": "x", key: REDACTED}


def test_the_rest_stays() -> None:
    event = {"event": "a token was renewed", "workspace": "w1", "org": "00D", "status_code": 503, "reason": "ended",
             "token_count": 2, "phoned": True, "evaluated": 1}  # fmt: skip
    assert redact(None, "info", dict(event)) == event


def test_what_is_redacted_is_not_in_the_line() -> None:
    for form in ("json", "text"):
        [line] = logged("log.info('x', access_token='00D!secret', email='ann@example.com')", form=form)
        assert "secret" not in line and "ann@example.com" not in line
        assert line.count(REDACTED) == 2
