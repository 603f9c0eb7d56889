"""Recorded answers to compare with; each file names its source."""

import json
from pathlib import Path
from typing import Any


def recorded(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / "data" / f"{name}.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def shape(value: object) -> object:
    """Which keys stand where, in order, and which kinds of values: what two answers about other records share."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return type(value).__name__
