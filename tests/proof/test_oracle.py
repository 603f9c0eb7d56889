"""The judge is judged: whatever is wrong in our database, it says so; and it shares nothing with whom it judges."""

import ast
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from sidebar.store.database import Database
from sidebar.twin.org import Actor
from tests.proof import oracle
from tests.proof.history import History
from tests.proof.house import proof

pytestmark = pytest.mark.anyio

ALIVE = "(SELECT id FROM records WHERE NOT deleted LIMIT 1)"
LINKED = "(SELECT id FROM contacts WHERE salesforce_id IS NOT NULL LIMIT 1)"
ANOTHER = (
    "INSERT INTO contacts (id, workspace_id, salesforce_id, name, source, tags, dormant, created_at) "
    "SELECT 'another', workspace_id, {}, {}, source, tags, dormant, created_at FROM contacts WHERE id = " + LINKED
)
DAMAGES = {
    "is missing": f"DELETE FROM records WHERE id = {ALIVE}",
    "differs: {'Title'": f"""UPDATE records SET "values" = json_set("values", '$.Title', 'Wrong') WHERE id = {ALIVE}""",
    "differs: {'Phone'": f"""UPDATE records SET "values" = json_remove("values", '$.Phone') WHERE id = {ALIVE}""",
    "has still to be read": f"UPDATE records SET dirty = 1 WHERE id = {ALIVE}",
    "is gone here and not there": f"UPDATE records SET deleted = 1 WHERE id = {ALIVE}",
    "is alive here and not there": "UPDATE records SET deleted = 0 WHERE deleted",
    "something of it is kept": """UPDATE records SET "values" = '{"Title": "Buyer"}' WHERE deleted""",
    "are still being read": "UPDATE sweeps SET ended_at = NULL",
    "is not found by e:": "DELETE FROM record_marks WHERE mark LIKE 'e:%'",
    "which is not theirs": f"INSERT INTO record_marks (org_id, mark, record_id) SELECT org_id, 'p:1234567', {ALIVE} "
    "FROM records LIMIT 1",
    "has no local contact": f"UPDATE contacts SET salesforce_id = NULL WHERE id = {LINKED}",
    "has a local contact": ANOTHER.format(ALIVE, "name"),
    "2 local contacts were made of": ANOTHER.format("NULL", "name"),
    "was ever called": ANOTHER.format("NULL", "'Nobody'"),
    "its local contact has not followed": "UPDATE contacts SET salesforce_id = '{loser}' WHERE id = " + LINKED,
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_that_is_wrong_escapes_it(database: Database, database_url: str, tmp_path: Path) -> None:
    async with proof(database, database_url) as house:
        async with house.listening():
            history = History(house.twin.org, Random("oracle"))
            ids = [history.create() for _ in range(5)]
            await house.agrees()
            house.twin.org.delete(Actor(house.twin.org.admin), "Contact", ids[0])
            house.twin.org.merge(Actor(house.twin.org.admin), "Contact", ids[1], [ids[2]])
            await house.agrees()
        for said, damage in DAMAGES.items():
            path = tmp_path / "damaged.sqlite"
            path.unlink(missing_ok=True)
            with closing(sqlite3.connect(_path(database_url))) as whole, closing(sqlite3.connect(path)) as other:
                whole.backup(other)
                assert other.execute(damage.replace("{loser}", ids[2])).rowcount, damage
                other.commit()
            found = replace(house.oracle, database_url=f"sqlite:///{path}").differences()
            assert [each for each in found if said in each], (said, found)


def test_it_knows_the_twin_and_nothing_of_the_product() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text("utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    ours = {name for name in imported if name.startswith(("sidebar", "tests", "."))}
    assert ours == {"sidebar.twin.org"}


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")
