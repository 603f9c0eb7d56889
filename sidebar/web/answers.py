"""What the JSON API takes and gives, as other programs see it: these names are kept stable."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from sidebar.contacts import tags
from sidebar.store.contacts import Contact
from sidebar.workspaces import HOST

_Text = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\x00]*$")]
_SALESFORCE_ID = "^[a-zA-Z0-9]{18}$"


class Question(BaseModel):
    """What GET /contacts may be asked. An unknown name is refused, so that a slip does not bring everybody."""

    model_config = ConfigDict(extra="forbid")

    email: _Text | None = Field(None, description="An e-mail address of theirs, in any case.")
    phone: _Text | None = Field(None, description="A telephone number of theirs, however it is written.")
    region: str | None = Field(
        None, pattern="^[A-Z]{2}$", description="The country by which `phone` is read; else the workspace's."
    )
    salesforce_id: str | None = Field(None, pattern=_SALESFORCE_ID, description="The Contact they are linked to.")
    tag: _Text | None = Field(None, description="A tag of theirs, exactly.")
    limit: int = Field(50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(
        None, pattern=r"^[0-9]{1,15}\.[A-Za-z0-9_-]{1,22}$", description="`next` of the page before."
    )


class Person(BaseModel):
    """A local contact."""

    id: str
    name: str
    email: str | None
    phone: str | None
    salesforce_id: str | None = Field(description="The Contact they are linked to.")
    tags: list[str]
    source: Literal["salesforce", "conversation"] = Field(description="Where they first came from.")
    dormant: bool = Field(description="Of a bulk import, and no conversation has begun yet.")
    evidence: str | None = Field(
        description="Why they count as of a bulk import: `bulk_api`, `client:` and the loader's name, or `burst:` and "
        "how many one user made at once."
    )
    created_at: datetime


class People(BaseModel):
    """The newest first."""

    contacts: list[Person]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class Change(BaseModel):
    """All tags the contact shall have. The system's tag stays where it is."""

    model_config = ConfigDict(extra="forbid")

    tags: list[str] = Field(description=f"At most {tags.MOST}, of at most {tags.LONGEST} characters each.")


class Tag(BaseModel):
    name: str
    contacts: int = Field(description="How many have it.")
    system: bool = Field(description="Given by Sidebar; nobody else gives, renames or takes it.")


class Tags(BaseModel):
    tags: list[Tag]


class Customer(BaseModel):
    """Who is to be found, as whoever asks knows them."""

    model_config = ConfigDict(extra="forbid")

    emails: list[_Text] = Field([], max_length=20)
    phones: list[_Text] = Field([], max_length=20, description="However they are written.")
    country: str = Field("", pattern="^([A-Z]{2})?$", description="Theirs, for numbers that name none; ISO code.")
    name: str = Field("", max_length=254, description="Decides nothing.")
    external_id: str = Field(
        "", max_length=254, description="Their id in the inbox: what agents said of it by hand counts."
    )
    inbox: str = Field(
        HOST, pattern="^[a-z_]{1,20}$", description="Which inbox `external_id` is of, as in its panel's address."
    )


class Found(BaseModel):
    id: str
    object: Literal["Contact", "Lead"]
    name: str
    strong: bool = Field(description="They have one of these addresses; false: only something like it.")


class Matched(BaseModel):
    """`nobody` is sure; where Salesforce did not answer there is an error instead."""

    outcome: Literal["found", "several", "nobody"]
    rule: str = Field(description="What decided: email, phone, picked (by hand); empty for nobody.")
    records: list[Found] = Field(description="The one, or those to choose from, best first.")
    receipt_id: str
    receipt: JsonValue = Field(
        description="Why: the inputs, their keys, every candidate and what removed it, the calls."
    )


class Kept(BaseModel):
    """A receipt of a look-up. After a day it is masked, after thirty it is gone."""

    id: str
    at: int = Field(description="Milliseconds UTC.")
    masked: bool
    receipt: JsonValue


class Refusal(BaseModel):
    """Why there is no answer."""

    code: str
    message: str


def person(contact: Contact) -> Person:
    return Person(
        id=contact.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        salesforce_id=contact.salesforce_id,
        tags=list(contact.tags),
        source="conversation" if contact.source == "conversation" else "salesforce",
        dormant=contact.dormant,
        evidence=contact.evidence,
        created_at=datetime.fromtimestamp(contact.created_at / 1000, UTC),
    )


def people(found: Sequence[Contact], next: str | None) -> People:
    return People(contacts=list(map(person, found)), next=next)
