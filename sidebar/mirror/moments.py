"""Moments as Salesforce writes them. Pure."""

from datetime import datetime


def moment(text: object) -> int:
    """Milliseconds of a moment as REST and events write it; 0 where it is none."""
    return int(datetime.fromisoformat(text).timestamp() * 1000) if isinstance(text, str) and text else 0
