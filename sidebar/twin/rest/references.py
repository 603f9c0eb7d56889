"""References of a composite request: @{name.path} stands for what an earlier answer holds there. Pure."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import JSON

_REFERENCE = re.compile(r"@\{([^}.\[]*)([^}]*)\}")
_ENCODED = re.compile(r"(?:@|%40)%7B.*?%7D", re.IGNORECASE)
_STEP = re.compile(r"\.(\w+)|\[(\d{1,4})\]")


def filled(value: JSON, answers: Mapping[str, JSON]) -> JSON:
    """The value with every reference in it, at any depth, replaced. Raises PROCESSING_HALTED.

    A text that is nothing but a reference takes the type of what it refers to."""
    if isinstance(value, dict):
        return {name: filled(part, answers) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, answers) for part in value]
    if not isinstance(value, str):
        return value
    if whole := _REFERENCE.fullmatch(value):
        return _found(whole, answers)
    return _REFERENCE.sub(lambda reference: _text(_found(reference, answers)), value)


def plain(url: str) -> str:
    """The URL with its references as they are written elsewhere, not percent-encoded."""
    return _ENCODED.sub(lambda reference: unquote(reference[0]), url)


def _found(reference: re.Match[str], answers: Mapping[str, JSON]) -> JSON:
    name, path = reference.groups()
    if name not in answers or _STEP.sub("", path):
        raise _no_value(name, path)
    value = answers[name]
    for step in _STEP.finditer(path):
        key, index = step.groups()
        if key and isinstance(value, dict) and key in value:
            value = value[key]
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            raise _no_value(name, path)
    return value


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _no_value(name: str, path: str) -> SalesforceError:
    message = (
        f"Invalid reference specified. No value for {name}{path} found in {name}. Provided referenceId "
        f"('{name}{path}') must start with a letter or a number, and it can contain only letters, numbers and "
        "underscores ('_')."
    )
    return SalesforceError(400, "PROCESSING_HALTED", message)
