"""What holds for every statement: only SalesforceError comes out, and conditions, orders and slices obey logic."""

import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org
from sidebar.twin.query import search, soql

from ..conftest import HOST, Clock

NAMES = ["Okafor", "okafor", "O'Hara", "Weiß", "50% off", "a_b", "", "Ängström", "山田"]
CONDITIONS = [
    "LastName = 'okafor'", "LastName LIKE 'o%'", "FirstName = null", "LeadSource IN ('Web', null)", "IsDeleted = false",
    "Account.Name LIKE '%pine%'", "CreatedDate = TODAY", "Title > 'm'", "Interests__c INCLUDES ('Music')",
]  # fmt: skip
STATEMENTS = [
    "SELECT Id, Account.Name, (SELECT Id FROM Cases ORDER BY Id LIMIT 2) FROM Contact c WHERE c.LastName LIKE 'O%'",
    "SELECT LeadSource src, COUNT(Id) FROM Contact GROUP BY LeadSource HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC",
    "SELECT toLabel(Status), Who.Name FROM Task WHERE Who.Type IN ('Contact') AND (NOT ActivityDate > LAST_N_DAYS:3)",
    "SELECT FIELDS(ALL) FROM Contact WHERE Id = '0035e0000000001AAA' AND AccountId IN (SELECT Id FROM Account) LIMIT 2",
    "SELECT COUNT() FROM Account USING SCOPE mine WHERE AnnualRevenue >= USD1.5 AND Industry != 'x\\'y' OFFSET 3",
]
SEARCHES = [
    "FIND {dana* AND NOT (lee OR \"tall pines\")} IN NAME FIELDS RETURNING Contact(Id WHERE Id != null LIMIT 3), Lead",
    r"FIND {\(415\) 555?100} IN PHONE FIELDS RETURNING Account(Id ORDER BY Name OFFSET 1) LIMIT 5",
]  # fmt: skip
TOKENS = re.compile(r"\w+|'[^']*'|\s+|.", re.DOTALL)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def crowd() -> Org:
    made = Org(clock=Clock(), instance_url=HOST)
    [account] = made.load("Account", [{"Name": "Harbor & Pine"}])
    made.load(
        "Contact",
        (
            {
                "LastName": NAMES[n % 9] or "x", "FirstName": NAMES[n % 7] or None, "Title": NAMES[n % 4] or None,
                "LeadSource": (None, "Web", "Other")[n % 3], "AccountId": account if n % 2 else None,
                "Interests__c": (None, "Music", "Music;Travel")[n % 3],
            }
            for n in range(60)
        ),
    )  # fmt: skip
    return made


def ids(org: Org, rest: str) -> list[object]:
    found = soql.run(org, org.admin, f"SELECT Id FROM Contact {rest}")
    return [row["Id"] for row in found.rows]


def mutations(statements: list[str]) -> st.SearchStrategy[str]:
    """A valid statement with some of its words dropped, doubled, swapped or replaced by those of another."""
    words = [TOKENS.findall(statement) for statement in statements]
    others = st.sampled_from([word for each in words for word in each] + ["(", ")", "'", ",", "\\", "{", "NULL", "-5"])
    change = st.tuples(st.integers(0, 60), st.integers(0, 3), others)

    def changed(base: list[str], changes: list[tuple[int, int, str]]) -> str:
        text = list(base)
        for place, kind, word in changes:
            at = place % len(text)
            text[at : at + 1] = [[], [text[at], text[at]], [text[at - 1], text[at]], [word]][kind]
            text = text or [word]
        return "".join(text)

    return st.builds(changed, st.sampled_from(words), st.lists(change, min_size=1, max_size=4))


@quick
@given(text=st.one_of(st.text(max_size=80), mutations(STATEMENTS)))
def test_any_text_is_answered_or_refused_as_soql(crowd: Org, text: str) -> None:
    with suppress(SalesforceError):
        soql.shown(soql.run(crowd, crowd.admin, text), 0, 50, "60.0")


@quick
@given(text=st.one_of(st.text(max_size=80), st.builds("FIND {{{}}}".format, st.text()), mutations(SEARCHES)))
def test_any_text_is_answered_or_refused_as_sosl(crowd: Org, text: str) -> None:
    with suppress(SalesforceError):
        search.run(crowd, crowd.admin, text, "60.0")


@quick
@given(name=st.sampled_from(["Title", "FirstName", "LeadSource"]), value=st.sampled_from(NAMES))
def test_not_is_the_complement(crowd: Org, name: str, value: str) -> None:
    for condition in (f"{name} = {quoted(value)}", f"{name} LIKE {quoted(value)}", f"{name} < {quoted(value)}"):
        inside, outside = ids(crowd, f"WHERE {condition}"), ids(crowd, f"WHERE NOT {condition}")
        assert sorted([*inside, *outside]) == sorted(ids(crowd, ""))


@quick
@given(st.lists(st.sampled_from(CONDITIONS), min_size=2, max_size=4, unique=True))
def test_and_is_the_intersection_and_or_the_union(crowd: Org, conditions: list[str]) -> None:
    each = [set(ids(crowd, f"WHERE {condition}")) for condition in conditions]
    assert set(ids(crowd, f"WHERE {' AND '.join(conditions)}")) == set.intersection(*each)
    assert set(ids(crowd, f"WHERE {' OR '.join(conditions)}")) == set.union(*each)


@quick
@given(
    order=st.lists(st.sampled_from(["Title", "LastName DESC", "LeadSource NULLS LAST", "Account.Name"]), max_size=3),
    skip=st.integers(0, 70),
    size=st.integers(0, 70),
)
def test_limit_and_offset_cut_a_slice_of_the_same_order(crowd: Org, order: list[str], skip: int, size: int) -> None:
    by = f"ORDER BY {', '.join([*order, 'Id'])}"
    whole = ids(crowd, by)
    assert sorted(whole) == sorted(ids(crowd, ""))
    assert ids(crowd, f"{by} LIMIT {size} OFFSET {skip}") == whole[skip : skip + size]


@quick
@given(st.integers(1, 70))
def test_paging_by_id_meets_every_row_once(crowd: Org, size: int) -> None:
    met, last = list[object](), "000000000000000"
    while page := ids(crowd, f"WHERE Id > '{last}' ORDER BY Id LIMIT {size}"):
        met, last = [*met, *page], str(page[-1])
    assert met == ids(crowd, "ORDER BY Id")


@quick
@given(st.lists(st.sampled_from(["%", "_", r"\%", r"\_", "o", "f", "k", "ß", " ", "5"]), max_size=7))
def test_like_agrees_with_a_regular_expression(crowd: Org, pattern: list[str]) -> None:
    meaning = {"%": ".*", "_": ".", r"\%": "%", r"\_": "_"}
    regex = re.compile("".join(meaning.get(sign, sign) for sign in pattern), re.IGNORECASE | re.DOTALL)
    fitting = [id_ for id_, row in crowd.tables["Contact"].live.items() if regex.fullmatch(str(row["LastName"]))]
    assert ids(crowd, f"WHERE LastName LIKE '{''.join(pattern)}'") == fitting


def quoted(text: str) -> str:
    return "'" + text.replace("\\", r"\\").replace("'", r"\'") + "'"
