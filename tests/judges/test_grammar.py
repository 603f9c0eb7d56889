"""An independent judge: the SOQL grammar Salesforce publishes for its editors (npm @salesforce/soql-common).

The twin must mean by SOQL what Salesforce does: corpus.txt has the statements and what is expected of each.
"""

import re
from collections.abc import Iterable

import httpx
import pytest
from starlette.applications import Starlette

from sidebar.twin import rest
from sidebar.twin.org import Org
from tests.judges.bring_node import HERE
from tests.judges.conftest import Console
from tests.twin.conftest import HOST, Clock

pytestmark = pytest.mark.anyio

WORD = re.compile(r"'(?:\\.|[^'\\])*'|[\w.:+-]+|[<>!]=|<>|\S")
UNSPOKEN = "not spoken by this twin"


def corpus() -> Iterable[tuple[str, str]]:
    """What is expected (its first word), and the statement."""
    for line in (HERE / "corpus.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            mark, statement = line.split(" | ", 1)
            yield mark, statement


async def test_the_corpus_says_of_every_statement_what_the_vendors_grammar_says(grammar: Console) -> None:
    statements = [statement for _, statement in corpus()]
    complaints = await grammar("complaints(statements)", statements=statements)
    refused = [mark in "-!" for mark, _ in corpus()]
    surprising = {
        statement: complaint or "accepted"
        for statement, complaint, expected in zip(statements, complaints, refused, strict=True)
        if (complaint is not None) is not expected
    }
    assert not surprising, listed(surprising)


async def test_the_twin_says_of_every_statement_what_the_corpus_says() -> None:
    said = await refusals([statement for _, statement in corpus()])
    surprising = {
        f"{mark} | {statement}": said[statement] or "accepted"
        for mark, statement in corpus()
        if not _expected(mark, said[statement])
    }
    assert not surprising, listed(surprising)


async def test_the_twin_refuses_what_the_grammar_refuses_of_every_statement_with_a_slip(grammar: Console) -> None:
    """A word left out, and two words in the wrong order."""
    slips = sorted({slip for mark, statement in corpus() if mark == "+" for slip in _slips(WORD.findall(statement))})
    complaints = await grammar("complaints(statements)", statements=slips)
    bad = [slip for slip, complaint in zip(slips, complaints, strict=True) if complaint]
    said = await refusals(bad)
    surprising = {slip: said[slip] or "accepted" for slip in bad if not said[slip].startswith("MALFORMED_QUERY")}
    assert len(bad) > 1_000
    assert not surprising, listed(surprising)


async def refusals(statements: Iterable[str]) -> dict[str, str]:
    """What an empty org of the twin's answers: code and message, or nothing where it accepts the statement."""
    org = Org(clock=Clock(), instance_url=HOST)
    transport = httpx.ASGITransport(Starlette(routes=rest.app(org)))
    headers = {"Authorization": f"Bearer {org.grant(org.admin)}"}
    said = {}
    async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers) as http:
        for statement in statements:
            answer = await http.get("/services/data/v60.0/query", params={"q": statement})
            said[statement] = "" if answer.is_success else "{errorCode}: {message}".format(**answer.json()[0])
    return said


def _slips(words: list[str]) -> Iterable[str]:
    for at in range(len(words)):
        yield " ".join(words[:at] + words[at + 1 :])
        yield " ".join(words[:at] + words[at : at + 2][::-1] + words[at + 2 :])


def listed(surprising: dict[str, str]) -> str:
    return "".join(f"\n{statement}\n    {said}" for statement, said in surprising.items())


def _expected(mark: str, said: str) -> bool:
    """Whether this is the answer the mark stands for; `said` is the refusal, empty where there is none."""
    if mark in "+!":
        return said == ""
    if mark.startswith("? "):
        return said.startswith("MALFORMED_QUERY") and f"{mark[2:]} ({UNSPOKEN})".lower() in said.lower()
    return said.startswith("MALFORMED_QUERY" if mark == "-" else mark) and UNSPOKEN not in said
