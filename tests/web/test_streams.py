"""What is said of a change stream."""

from dataclasses import replace

import pytest

from sidebar.store.positions import State
from sidebar.store.standing import Standing
from sidebar.web.streams import QUIET, condition, is_up, remedy
from sidebar.worker import Listening

NOW = 1_795_000_000_000


def standing(age: int, lease: int) -> Standing:
    """A position that is so old (ms), and a lease that holds for so long yet."""
    return Standing("00D1", State(NOW - age, 3, 0, NOW - age, 400, None), None, NOW + lease)


def test_what_this_process_hears_comes_first() -> None:
    for state in ("connecting", "listening", "waiting"):
        assert condition(Listening(state, 0), standing(QUIET * 2, 1), NOW) == state  # type: ignore[arg-type]


def test_a_lease_that_holds_is_another_process() -> None:
    assert condition(None, standing(0, 1), NOW) == "elsewhere"
    assert condition(None, standing(QUIET, 1), NOW) == "elsewhere"
    assert condition(None, standing(QUIET + 1, 1), NOW) == "silent"
    assert condition(None, Standing("00D1", None, None, NOW + 1), NOW) == "elsewhere"
    broken = standing(0, 1)
    assert broken.position
    broken = replace(broken, position=replace(broken.position, lost_at=NOW))
    assert condition(None, broken, NOW) == "silent"


def test_a_lease_that_has_run_out_is_nobody() -> None:
    assert condition(None, standing(0, 0), NOW) == "nobody"
    assert condition(None, Standing("00D1", None, None, 0), NOW) == "nobody"


def test_a_stream_is_up_where_changes_arrive() -> None:
    assert [is_up(each) for each in ("listening", "elsewhere")] == [True, True]
    assert not any(is_up(each) for each in ("connecting", "waiting", "silent", "nobody"))


@pytest.mark.parametrize(
    ("problem", "helps"),
    [
        ("subscription.limit.exceeded: You have exceeded the event delivery limit", "allocation"),
        ("subscription.topic.cannot.subscribe: The user doesn't have permission", "selection"),
        ("topic.not.found: The topic information for org was not found", "selection"),
        ("subscription.fetch.replayid.corrupted: The Replay ID validation failed.", "position"),
        ("service.auth.error: An authentication exception occurred.", "access"),
        ("The workspace has no working connection to Salesforce (ended)", "access"),
        ("REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.", "limit"),
        ("The certificate file /nowhere.pem cannot be read: No such file", "certificate"),
        ("service.unavailable: The service is unavailable.", "network"),
        ("The change stream was silent for 300 seconds", "network"),
    ],
)
def test_every_problem_has_something_that_helps(problem: str, helps: str) -> None:
    """PF-09"""
    assert remedy(problem) == helps
