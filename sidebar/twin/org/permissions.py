"""Who may do what with which object and field, and the rules an admin has set. Data: tests and demos add their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from sidebar.twin.org.describe import Field, SObject
from sidebar.twin.org.rows import Stored

Deed: TypeAlias = Literal["read", "create", "edit", "delete"]


@dataclass(frozen=True, slots=True)
class Profile:
    """Fields as "Contact.Birthdate". Hidden ones do not exist for the user; read-only ones cannot be written.

    `denied` are deeds as "delete Contact"; who may not read an object does not see that it exists."""

    name: str
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    def may(self, deed: Deed, object_name: str) -> bool:
        return not self.denied & {f"{deed} {object_name}", f"read {object_name}"}

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
            "Support",
            hidden=frozenset({"Contact.Birthdate", "Contact.Passport__c", "Account.AnnualRevenue"}),
            read_only=frozenset({"Contact.LeadSource", "Contact.Credit_Limit__c"}),
            denied=frozenset({"read Subscription__c", "create Opportunity", "edit Opportunity"})
            | {"read PlatformEventChannelMember"}  # wants View Setup and Configuration
            | {f"delete {name}" for name in ("Account", "Lead", "Case", "Opportunity")},
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


@lru_cache(maxsize=256)
def visible(profile: Profile, sobject: SObject) -> Mapping[str, Field]:
    """The fields this profile may read, by lower-case name."""
    return {key: field for key, field in sobject.fields.items() if profile.reads(sobject.name, field.name)}


def rights(profile: Profile, sobject: SObject) -> dict[str, bool]:
    """The flags of a describe that say what this profile may do with the object."""
    return {
        "createable": sobject.createable and profile.may("create", sobject.name),
        "updateable": sobject.updateable and profile.may("edit", sobject.name),
        "deletable": sobject.deletable and profile.may("delete", sobject.name),
    }


def described(profile: Profile, sobject: SObject, fields: Iterable[Field]) -> list[dict[str, object]]:
    """Their describe entries, with createable and updateable false where the profile may not write."""
    return [
        dict(field.raw)
        if profile.writes(sobject.name, field.name)
        else dict(field.raw, createable=False, updateable=False)
        for field in fields
    ]
