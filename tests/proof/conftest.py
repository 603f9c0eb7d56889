"""In a sample each fault is proved on one database or the other, histories on both; at full size all is on both."""

import pytest

from tests.conftest import THOROUGH

__all__ = ["THOROUGH"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not THOROUGH:
        faults = [each for each in items if "proof/test_faults.py" in each.nodeid]
        turns = {proof: number % 2 for number, proof in enumerate(dict.fromkeys(map(_proof, faults)))}
        items[:] = [each for each in items if each not in faults or _is_due(each, turns[_proof(each)])]


def _proof(item: pytest.Item) -> str:
    """Its name without that of the database."""
    return item.nodeid.replace("[postgresql", "[sqlite")


def _is_due(item: pytest.Item, turn: int) -> bool:
    return "[" not in item.nodeid or ("[postgresql" in item.nodeid) == bool(turn)
