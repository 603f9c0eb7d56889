"""Named switches that somebody sets over HTTP: known names, right types, all of a request or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

from sidebar.twin.org.rows import JSON


class UnknownSwitch(ValueError):
    """Says which switch or value was not understood, and which there are."""


@dataclass(slots=True)
class Switches:
    """A dataclass of plain values: bool, int, str and lists of str. `most` bounds whole numbers, `choices` texts."""

    most: ClassVar[Mapping[str, int]] = {}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def switch(self, wanted: Mapping[str, JSON]) -> None:
        """Set the named switches, all or none. Raises UnknownSwitch."""
        self.check(wanted)
        for name, value in wanted.items():
            setattr(self, name, value)

    def check(self, wanted: Mapping[str, JSON]) -> None:
        """Raises UnknownSwitch for a name that is not known or a value that does not suit it."""
        known = {name: type(getattr(self, name)) for name in self._names()}
        for name, value in wanted.items():
            if name not in known:
                raise UnknownSwitch(f"There is no '{name}'. Known: {', '.join(sorted(known))}.")
            check_kind(name, value, known[name])
            self._check(name, value)

    def shown(self) -> dict[str, JSON]:
        return {name: getattr(self, name) for name in self._names()}

    def _names(self) -> list[str]:
        return [field.name for field in fields(self) if not field.name.startswith("_")]

    def _check(self, name: str, value: JSON) -> None:
        most = self.most.get(name, 1_000_000_000)
        if type(value) is int and not 0 <= value <= most:
            raise UnknownSwitch(f"'{name}' takes 0 to {most}.")
        if name in self.choices and value not in self.choices[name]:
            raise UnknownSwitch(f"'{name}' takes {' or '.join(self.choices[name])}.")


def check_kind(name: str, value: JSON, kind: type) -> None:
    """Raises UnknownSwitch when a value is not of its kind: bool, int, str, or list, of texts."""
    if type(value) is not kind or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
        raise UnknownSwitch(f"'{name}' takes {_WORDS[kind]}.")


_WORDS = {bool: "true or false", int: "a whole number", str: "a text", list: "a list of texts"}
