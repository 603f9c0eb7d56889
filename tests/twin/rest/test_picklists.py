"""What a picklist offers for one record type, as the UI API says it."""

import httpx
import pytest

from sidebar.twin.org import Org

from .conftest import V
from .recordings import recorded, shape

pytestmark = pytest.mark.anyio
MASTER = "012000000000000AAA"
OBJECT = f"{V}/ui-api/object-info"


async def test_a_picklist_is_answered_in_the_recorded_shape(admin: httpx.AsyncClient) -> None:
    answer = (await admin.get(f"{OBJECT}/Contact/picklist-values/{MASTER}/LeadSource")).json()
    assert shape(answer) == shape(recorded("picklists")["answer"])
    assert answer["url"] == f"{OBJECT}/Contact/picklist-values/{MASTER}/LeadSource"
    assert {"attributes": None, "label": "Web", "validFor": [], "value": "Web"} in answer["values"]


async def test_a_dependent_picklist_points_at_its_controllers_values(admin: httpx.AsyncClient) -> None:
    path = f"{OBJECT}/contact/picklist-values/{MASTER}"
    shown = (await admin.get(path)).json()["picklistFieldValues"]
    described = (await admin.get(f"{V}/sobjects/Contact/describe")).json()["fields"]
    tiers = next(field for field in described if field["name"] == "Tier__c")["picklistValues"]
    benefits = shown["Benefit__c"]
    assert benefits["controllerValues"] == {entry["label"]: number for number, entry in enumerate(tiers)}
    assert all(entry["validFor"] for entry in benefits["values"])
    assert all(0 <= number < len(tiers) for entry in benefits["values"] for number in entry["validFor"])
    assert (await admin.get(f"{path}/Benefit__c")).json() == benefits


async def test_a_record_type_offers_fewer_values(admin: httpx.AsyncClient, org: Org) -> None:
    kinds = [kind for kind in org.sobject("Contact").record_types if not kind.master]
    offers = [
        (await admin.get(f"{OBJECT}/Contact/picklist-values/{kind}")).json()["picklistFieldValues"]
        for kind in (MASTER, *(kind.id[:15] for kind in kinds))
    ]
    whole, *lesser = [{name: len(field["values"]) for name, field in offer.items()} for offer in offers]
    assert any(offer != whole for offer in lesser)
    assert all(offer[name] <= whole[name] for offer in lesser for name in whole)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("Spaceship/picklist-values/012000000000000AAA", 404, "NOT_FOUND"),
        ("Contact/picklist-values/0125e0000000zzz", 404, "NOT_FOUND"),
        ("Contact/picklist-values/012000000000000AAB/LeadSource", 400, "MALFORMED_ID"),
        ("Contact/picklist-values/012000000000000AAA/LastName", 404, "NOT_FOUND"),
    ],
)
async def test_a_refusal_of_the_ui_api_is_an_object(
    admin: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await admin.get(f"{OBJECT}/{path}")
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    [error] = answer.json()["output"]["errors"]
    assert (error["errorCode"], error["message"]) == (code, answer.json()["message"])
