"""A second person with the same e-mail address, where the administrator wants to hear of it."""

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Actor, Org

AMARA = {"LastName": "Okafor", "Email": "amara@brightloom.example"}


def test_an_alert_names_the_record_it_found_in_the_recorded_shape(org: Org):
    """The shape, misspelt key included, of a live answer kept in the tests of a public integration."""
    first = org.create(Actor(org.admin), "Contact", AMARA)
    org.setup.switch({"contact_duplicates": "alert"})
    with pytest.raises(SalesforceError) as refused:
        org.create(Actor(org.admin), "Contact", AMARA | {"Email": "AMARA@brightloom.example"})
    [body] = refused.value.body()
    assert refused.value.status == 400
    assert body.keys() == {"duplicateResut", "errorCode", "message"}
    assert body["errorCode"] == "DUPLICATES_DETECTED"
    result = body["duplicateResut"]
    assert isinstance(result, dict)
    assert result.keys() == {"allowSave", "duplicateRule", "duplicateRuleEntityType", "errorMessage", "matchResults"}
    [match] = result["matchResults"]
    assert match["matchEngine"] == "ExactMatchEngine"
    assert match["matchRecords"] == [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": "Contact", "url": f"/services/data/v68.0/sobjects/Contact/{first}"},
                "Id": first,
            },
        }
    ]


@pytest.mark.parametrize(("mode", "passes"), [("off", True), ("alert", True), ("block", False)])
def test_saving_all_the_same_passes_an_alert_but_no_block(org: Org, mode: str, passes: bool):
    org.setup.switch({"lead_duplicates": mode})
    lead = AMARA | {"Company": "Brightloom Ltd"}
    org.create(Actor(org.admin), "Lead", lead)
    if passes:
        org.create(Actor(org.admin), "Lead", lead, allow_duplicates=True)
        return
    with pytest.raises(SalesforceError, match="DUPLICATES_DETECTED") as refused:
        org.create(Actor(org.admin), "Lead", lead, allow_duplicates=True)
    assert refused.value.extra["duplicateResut"]["allowSave"] is False  # type: ignore[index]


def test_an_update_is_asked_only_when_the_address_changes(org: Org):
    org.create(Actor(org.admin), "Contact", AMARA)
    twin = org.create(Actor(org.admin), "Contact", AMARA)
    other = org.create(Actor(org.admin), "Contact", {"LastName": "Raman"})
    org.setup.switch({"contact_duplicates": "block"})
    org.update(Actor(org.admin), "Contact", twin, {"Title": "Buyer", "Email": AMARA["Email"]})
    with pytest.raises(SalesforceError, match="DUPLICATES_DETECTED"):
        org.update(Actor(org.admin), "Contact", other, {"Email": AMARA["Email"]})
