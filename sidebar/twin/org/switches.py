"""Named values that somebody sends over HTTP: known names, right types, all of a request or nothing."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidebar.twin.org.rows import JSON

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Misunderstood(ValueError):
    """Says what was not understood, and what would have been."""


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Kind = TypeVar("_Kind", bound=Named)


class Switches(Named):
    def switch(self, wanted: Mapping[str, JSON]) -> None:
        """Set the named switches, all or none. Raises Misunderstood."""
        wished = self.check(wanted)
        for name in wanted:
            setattr(self, name, getattr(wished, name))

    def check(self, wanted: Mapping[str, JSON]) -> "Switches":
        """As they would be then. Raises Misunderstood."""
        return understood(type(self), {**self.shown(), **wanted})

    def shown(self) -> dict[str, JSON]:
        return self.model_dump()


def understood(kind: type[_Kind], given: JSON) -> _Kind:
    """Raises Misunderstood for unknown names, missing ones, and values that do not suit them."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        told = (f"{'.'.join(map(str, each['loc'])) or 'It'}: {each['msg']}" for each in error.errors())
        raise Misunderstood(f"{'; '.join(told)}. It takes {', '.join(kind.model_fields)}.") from None
