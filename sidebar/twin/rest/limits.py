"""What the org has left of its allowances, and how much it holds.

`data/limits.json` is a recorded answer of a Developer Edition org without its per-app entries. Only the API requests
are counted here; the rest stands as recorded.
"""

import json
import re
from functools import cache
from pathlib import Path

from starlette.responses import Response

from sidebar.twin.answers import answer
from sidebar.twin.org import Row
from sidebar.twin.rest.call import Call, Resources


def limits(call: Call) -> Response:
    used, allowed = call.org.calls()
    return answer(_recorded() | {"DailyApiRequests": {"Max": allowed, "Remaining": allowed - used}})


def record_counts(call: Call) -> Response:
    """Of the objects named in sObjects, or of all; names that mean nothing are left out."""
    asked = [name.strip().lower() for name in call.query.get("sObjects", "").split(",") if name.strip()]
    tables = [
        call.org.tables[call.org.schema[name].name] for name in asked or call.org.schema if name in call.org.schema
    ]
    return answer({"sObjects": [{"count": len(table.live), "name": table.sobject.name} for table in tables]})


@cache
def _recorded() -> Row:
    recorded: Row = json.loads((Path(__file__).parent / "data" / "limits.json").read_text("utf-8"))
    return recorded


RESOURCES: Resources = [
    (re.compile(r"/limits"), {"GET": limits}),
    (re.compile(r"/limits/recordCount"), {"GET": record_counts}),
]
