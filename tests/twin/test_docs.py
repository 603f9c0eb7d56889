"""docs/twin.md says what the twin does: its tables name every switch, deed and test there is, and nothing else."""

import json
import re
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.anyio
TESTS = Path(__file__).parent.parent
PAGE = (TESTS.parent / "docs" / "twin.md").read_text("utf-8")


def rows(heading: str) -> dict[str, str]:
    """The second cell of each row of a section's tables, by the name in the first."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE))


@pytest.mark.parametrize("heading", ["Faults", "Setup"])
async def test_every_switch_is_told_with_its_first_value(http: httpx.AsyncClient, heading: str) -> None:
    told = {name: json.loads(cell.strip("`")) for name, cell in rows(heading).items() if cell.startswith("`")}
    assert told == (await http.get(f"/twin/{heading.lower()}")).json()


async def test_every_deed_is_told_with_what_it_takes(http: httpx.AsyncClient) -> None:
    told = {name: cell.split(", ") for name, cell in rows("Deeds").items()}
    assert told == (await http.get("/twin/deeds")).json()


async def test_every_wish_of_an_administrator_takes_what_is_told(http: httpx.AsyncClient) -> None:
    wishes = {name: cell for name, cell in rows("Setup").items() if not cell.startswith("`")}
    assert wishes
    for name, takes in wishes.items():
        refused = (await http.post("/twin/setup", json={name: None})).json()["error"]
        assert refused.endswith(f". It takes {takes}.")


def test_every_test_of_the_twin_proves_something_told() -> None:
    told = set(re.findall(r"`((?:twin|judges)/[\w/]+\.py)`", PAGE.partition("\n## Fact and test\n")[2]))
    there = [*(TESTS / "twin").rglob("test_*.py"), *(TESTS / "judges").glob("test_*.py")]
    assert told == {path.relative_to(TESTS).as_posix() for path in there}
