"""In a sample faults are proved on SQLite and histories on both databases; at full size everything is on both."""

import pytest
from hypothesis import settings

THOROUGH = settings().max_examples >= 1000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not THOROUGH:
        items[:] = [each for each in items if not ("test_faults.py" in each.nodeid and "[postgresql" in each.nodeid)]
