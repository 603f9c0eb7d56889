"""Every field of every object in a form: shown, typed, kept or refused."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import Org
from tests.twin.pages.reading import HERE, Filled, find, form_at, value

pytestmark = pytest.mark.anyio
OBJECTS = ["Account", "Case", "Contact", "Lead", "Opportunity", "Subscription__c", "Task"]
FIELDS = [f"{name}__c" for name in ("Active", "Contact", "Discount", "Ext_Key", "Plan", "Renews_At", "Started_On")]
anything = st.text(max_size=20) | st.sampled_from(
    ["nan", "1e999", "-1", "true", "2027-01-01", "2027-01-01T10:00", "\0"]
)


@pytest.mark.parametrize("object_name", OBJECTS)
async def test_every_object_is_listed_and_shown_and_a_form_left_alone_changes_nothing(
    browser: httpx.AsyncClient, org: Org, object_name: str
):
    assert "records" in (await browser.get(f"/lightning/o/{object_name}/list")).text
    assert (await browser.get(f"/lightning/o/{object_name}/new")).status_code == 200
    for row in list(org.rows(object_name))[:12]:
        path = f"/lightning/r/{object_name}/{row['Id']}/view"
        answer = await browser.post(path, data=await form_at(browser, path), headers=HERE)
        assert answer.status_code == 303, answer.text
    assert org.changes == []


async def test_every_kind_of_field_is_typed_as_text(browser: httpx.AsyncClient, org: Org, amara: str):
    path = f"/lightning/r/Contact/{amara}/view"
    typed = await form_at(browser, path) | {
        "Interests__c": ["", "Research", "Events"],
        "Credit_Limit__c": ["1250.5"],
        "Preferred_Time__c": ["14:05"],
        "About__c": ["<p>New</p>"],
        "AccountId": [find(org, "Account", Name="Harbor & Pine LLP")],
    }
    assert (await browser.post(path, data=typed, headers=HERE)).status_code == 303
    assert value(org, "Contact", amara, "Interests__c") == "Events;Research"
    assert value(org, "Contact", amara, "Credit_Limit__c") == 1250.5
    assert value(org, "Contact", amara, "Preferred_Time__c") == "14:05:00.000Z"
    assert value(org, "Contact", amara, "About__c") == "<p>New</p>"
    assert "Harbor &amp; Pine LLP" in (await browser.get(path)).text


async def test_ticks_per_cents_and_moments_are_kept_and_taken_away(browser: httpx.AsyncClient, org: Org):
    id_ = find(org, "Subscription__c", Ext_Key__c="BILL-0001")
    path = f"/lightning/r/Subscription__c/{id_}/view"
    typed = {"Active__c": [""], "Discount__c": ["12.5"], "Renews_At__c": ["2027-05-06T10:30"], "Site__c": [""]}
    await browser.post(path, data=typed, headers=HERE)
    assert value(org, "Subscription__c", id_, "Active__c") is False
    assert value(org, "Subscription__c", id_, "Discount__c") == 12.5
    assert value(org, "Subscription__c", id_, "Renews_At__c") == "2027-05-06T10:30:00.000+0000"
    assert value(org, "Subscription__c", id_, "Site__c") is None
    await browser.post(path, data={"Active__c": ["", "true"]}, headers=HERE)
    assert value(org, "Subscription__c", id_, "Active__c") is True


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("Discount__c", "a lot"),
        ("Renews_At__c", "2027-05-06T10:30:00garbage"),
        ("Started_On__c", "tomorrow"),
        ("Contact__c", "nobody"),
        ("Plan__c", "Gratis"),
    ],
)
async def test_what_a_field_cannot_hold_is_refused_at_the_field(
    browser: httpx.AsyncClient, org: Org, field: str, typed: str
):
    path = f"/lightning/r/Subscription__c/{find(org, 'Subscription__c', Ext_Key__c='BILL-0001')}/view"
    page = await browser.post(path, data={field: typed}, headers=HERE)
    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert f'value="{typed}"' in page.text
    assert org.changes == []


async def test_formulas_numbers_and_derived_fields_are_text_and_cannot_be_sent(browser: httpx.AsyncClient, org: Org):
    id_ = find(org, "Subscription__c", Ext_Key__c="BILL-0001")
    path = f"/lightning/r/Subscription__c/{id_}/view"
    page = await browser.get(path)
    for label, text in (("Subscription Number", "SUB-00001"), ("Yearly Fee", "2689.2")):
        assert f'<p class="label">{label}</p><p><bdi>{text}</bdi>' in page.text
    assert not {"Name", "Yearly_Fee__c"} & Filled(page.text).fields.keys()
    answer = await browser.post(path, data={"Name": "SUB-99999", "Yearly_Fee__c": "1"}, headers=HERE)
    assert answer.status_code == 303
    assert org.changes == []


async def test_a_dependent_picklist_follows_its_controlling_field(browser: httpx.AsyncClient, org: Org, amara: str):
    """Only the page minds; the API takes any value of the list."""
    path = f"/lightning/r/Contact/{amara}/view"
    page = await browser.post(path, data={"Tier__c": "Bronze"}, headers=HERE)
    assert page.status_code == 400
    assert "Benefit: Priority support does not go with this Tier" in page.text
    assert 'id="Benefit__c-error"' in page.text
    answer = await browser.post(path, data={"Tier__c": "Bronze", "Benefit__c": "Newsletter"}, headers=HERE)
    assert answer.status_code == 303
    assert value(org, "Contact", amara, "Benefit__c") == "Newsletter"


async def test_a_new_case_starts_with_the_orgs_defaults(browser: httpx.AsyncClient, org: Org, amara: str):
    typed = await form_at(browser, "/lightning/o/Case/new")
    assert (typed["Status"], typed["Priority"]) == (["New"], ["Medium"])
    answer = await browser.post(
        "/lightning/o/Case/new", data=typed | {"Subject": ["Late parcel"], "ContactId": [amara]}, headers=HERE
    )
    assert answer.status_code == 303
    case = find(org, "Case", Subject="Late parcel")
    assert value(org, "Case", case, "AccountId") == value(org, "Contact", amara, "AccountId")


async def test_a_lookup_into_a_large_table_takes_an_id(browser: httpx.AsyncClient, org: Org, amara: str):
    assert '<select id="ContactId"' in (await browser.get("/lightning/o/Case/new")).text
    org.load("Contact", [{"LastName": f"Crowd {number}"} for number in range(500)])
    assert '<input id="ContactId"' in (await browser.get("/lightning/o/Case/new")).text
    await browser.post("/lightning/o/Case/new", data={"Subject": "By id", "ContactId": amara[:15]}, headers=HERE)
    assert value(org, "Case", find(org, "Case", Subject="By id"), "ContactId") == amara


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.dictionaries(st.sampled_from(FIELDS), anything, min_size=1), query=st.text(max_size=8))
async def test_whatever_is_typed_is_saved_or_refused(
    browser: httpx.AsyncClient, org: Org, typed: dict[str, str], query: str
):
    id_ = find(org, "Subscription__c", Name="SUB-00001")
    for path in (f"/lightning/r/Subscription__c/{id_}/view", "/lightning/o/Subscription__c/new"):
        answer = await browser.post(path, data=typed, headers=HERE)
        assert answer.status_code in (303, 400)
        shown = await browser.get(answer.headers.get("location", path))
        assert shown.status_code == 200
    assert (await browser.get("/lightning/o/Subscription__c/list", params={"q": query})).status_code == 200


async def test_a_field_the_administrator_removed_is_on_no_page(browser: httpx.AsyncClient, org: Org):
    id_ = find(org, "Subscription__c", Ext_Key__c="BILL-0001")
    org.remove_field("Subscription__c", "Plan__c")
    for path in ("/lightning/o/Subscription__c/list", f"/lightning/r/Subscription__c/{id_}/view"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "Plan" not in page.text


async def test_a_field_the_administrator_added_is_on_the_page_and_kept(
    browser: httpx.AsyncClient, org: Org, amara: str
):
    org.add_field("Contact", name="Shoe_Size__c", label="Shoe size", type="double")
    path = f"/lightning/r/Contact/{amara}/view"
    assert "Shoe size" in (await browser.get(path)).text
    await browser.post(path, data={"Shoe_Size__c": "41.5"}, headers=HERE)
    assert value(org, "Contact", amara, "Shoe_Size__c") == 41.5
