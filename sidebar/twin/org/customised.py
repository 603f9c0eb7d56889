"""What an administrator changed on an object since it was new, as it is written down between two runs."""

import json

from sidebar.twin.org import describe
from sidebar.twin.org.describe import SObject


def written(new: SObject, now: SObject) -> str:
    before = {field["name"]: field for field in new.raw["fields"]}
    after = {field["name"]: field for field in now.raw["fields"]}
    added = [field for name, field in after.items() if before.get(name) != field]
    return json.dumps({"added": added, "removed": [name for name in before if name not in after]})


def restored(new: SObject, text: str) -> SObject:
    kept = json.loads(text)
    for name in kept["removed"]:
        new = describe.without_field(new, name)
    for field in kept["added"]:
        if field not in new.raw["fields"]:
            new = describe.with_field(new, field)
    return new
