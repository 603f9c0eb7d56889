"""Who may read and write which field, and the rules an admin has set. Data: tests and demos add their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.rows import Stored


@dataclass(frozen=True, slots=True)
class Profile:
    """Fields as "Contact.Birthdate". Hidden ones do not exist for the user; read-only ones cannot be written."""

    name: str
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()

    def reads(self, object_name: str, field: str) -> bool:
        return f"{object_name}.{field}" not in self.hidden

    def writes(self, object_name: str, field: str) -> bool:
        return f"{object_name}.{field}" not in self.hidden | self.read_only


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule: a row for which `broken` holds is refused with the admin's own message."""

    object: str
    field: str
    message: str
    broken: Callable[[Stored], bool]


def profiles() -> dict[str, Profile]:
    return {
        "System Administrator": Profile("System Administrator"),
        "Support": Profile(
            "Support", hidden=frozenset({"Contact.Birthdate"}), read_only=frozenset({"Contact.LeadSource"})
        ),
    }


def rules() -> list[Rule]:
    return [
        Rule(
            "Contact",
            "Title",
            "Please enter the customer's real job title.",
            lambda row: "test" in str(row.get("Title", "")).lower(),
        )
    ]


def visible(profile: Profile, sobject: SObject) -> Mapping[str, Field]:
    """The fields this profile may read, by lower-case name."""
    return {key: field for key, field in sobject.fields.items() if profile.reads(sobject.name, field.name)}


def described(profile: Profile, sobject: SObject, fields: Iterable[Field]) -> list[dict[str, object]]:
    """Their describe entries, with createable and updateable false where the profile may not write."""
    return [
        dict(field.raw)
        if profile.writes(sobject.name, field.name)
        else dict(field.raw, createable=False, updateable=False)
        for field in fields
    ]
