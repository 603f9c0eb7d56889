"""Who is found, and how, in the demo's org: e-mail first, then phone, however a number stands there."""

from collections.abc import Sequence
from urllib.parse import unquote

import pytest

from sidebar.contacts.clues import inputs_of
from sidebar.contacts.receipt import Tried
from sidebar.contacts.trail import tried_of
from sidebar.identity import Identity, phone_key, region_of
from sidebar.salesforce.client import JSON
from sidebar.salesforce.errors import SalesforceError, Unreachable
from tests.conftest import THOROUGH
from tests.contacts.conftest import Desk

pytestmark = pytest.mark.anyio

PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Fax")


async def found(desk: Desk, *phones: str, country: str = "") -> list[str]:
    return await desk.names(await desk.match(phones=phones, country=country))


@pytest.mark.parametrize(
    "written",
    ["amara.okafor@brightloom.example", "Amara.Okafor@Brightloom.EXAMPLE", "  AMARA.OKAFOR@BRIGHTLOOM.EXAMPLE\n"],
)
async def test_an_email_finds_its_person_whatever_the_case(desk: Desk, written: str) -> None:
    match = await desk.match(emails=(written,))
    assert await desk.names(match) == ["Amara Okafor"]
    assert match.rule == "email"
    assert match.tried == (Tried("email", written, "amara.okafor@brightloom.example"),)


async def test_an_email_is_found_whatever_the_case_it_has_in_salesforce(desk: Desk) -> None:
    id = desk.add(Email="Pia.O'Brien@Shamrock.Example")
    assert (await desk.match(emails=("pia.o'brien@shamrock.example",))).ids == (id,)


async def test_an_orgs_own_field_for_email_is_asked_only_where_the_standard_one_holds_nobody(desk: Desk) -> None:
    desk.salesforce.org.add_field("Contact", name="Billing_Email__c", label="Billing e-mail", type="email")
    billing = desk.add(Email="kim@lantern.example", Billing_Email__c="bills@lantern.example")
    main = desk.add(Email="post@lantern.example")
    desk.add(Email="else@lantern.example", Billing_Email__c="post@lantern.example")
    assert (await desk.match(emails=("bills@lantern.example",))).ids == (billing,)
    asked = len(desk.sent)
    assert (await desk.match(emails=("post@lantern.example",))).ids == (main,)
    assert len(desk.sent) == asked + 1


@pytest.mark.parametrize(
    ("written", "country", "name"),
    [
        ("+442079460123", "", "Amara Okafor"),
        ("020 7946 0123", "", "Amara Okafor"),
        ("(0)20-7946-0123", "", "Amara Okafor"),
        ("+447700900123", "", "Amara Okafor"),
        ("07700 900 123", "GB", "Amara Okafor"),
        ("+441632960123", "", "Amara Okafor"),
        ("0044 1632 960123", "", "Amara Okafor"),
        ("+491713920034", "", "Jürgen Weiß"),
        ("0049 171 3920034", "", "Jürgen Weiß"),
        ("0171 3920034", "DE", "Jürgen Weiß"),
        ("0171-392-00-34", "", "Jürgen Weiß"),
        ("+48225550147", "", "Zofia Wiśniewska"),
        ("225550147", "PL", "Zofia Wiśniewska"),
        ("+81355550142", "", "花子 山田"),
        ("０３－５５５５－０１４２", "JP", "花子 山田"),
        ("+971505550187", "", "ليلى حداد"),
        ("050 555 0187", "AE", "ليلى حداد"),
        ("+351225550199", "", "Tomás Ribeiro"),
        ("00351 22 555 0199", "", "Tomás Ribeiro"),
        ("+353209170142", "", "Owen Gallagher"),
        ("020 917 0142", "IE", "Owen Gallagher"),
    ],
)
async def test_a_number_finds_its_person_in_every_form(desk: Desk, written: str, country: str, name: str) -> None:
    """RI-34; the seed's numbers stand in Salesforce as people typed them."""
    assert await found(desk, written, country=country) == [name]


async def test_every_number_of_the_demo_s_org_finds_its_person(desk: Desk) -> None:
    """As a messenger sends it: +, country, digits. Messy forms of a dozen countries and four scripts stand there."""
    missed = []
    numbers = [(row, str(row[name])) for row in desk.salesforce.org.rows("Contact") for name in PHONES if row[name]]
    assert len(numbers) > 300
    for row, stored in numbers if THOROUGH else numbers[::4]:
        key = phone_key(stored, [region_of(str(row["MailingCountry"]))])
        if key and key.startswith("+") and row["Id"] not in (await desk.match(phones=(key,))).ids:
            missed.append((stored, key))
    assert missed == [], missed


@pytest.mark.parametrize("stored", ["12 3", "123", "1-2-3", "(12) 3", "12.3"])
@pytest.mark.parametrize("written", ["123", "12 3"])
async def test_an_inside_number_is_found_with_or_without_its_space(desk: Desk, stored: str, written: str) -> None:
    """RI-34, its very example."""
    id = desk.add(OtherPhone=stored)
    assert id in (await desk.match(phones=(written,))).ids


async def test_an_inside_number_does_not_find_numbers_that_contain_it(desk: Desk) -> None:
    desk.add(Phone="123 4", MobilePhone="0123", Fax="1234")
    extensions = {str(row["Id"]) for row in desk.salesforce.org.rows("Contact") if row["Phone"] == "12 3"}
    assert set((await desk.match(phones=("123",))).ids) == extensions != set()


async def test_a_shared_number_is_a_choice_of_all_who_have_it_latest_changed_first(desk: Desk) -> None:
    switchboard = ["Dana Whitfield", "Marcus Lee", "Priya Raman"]
    assert sorted(await found(desk, "+14155550100")) == switchboard
    desk.change(desk.id_of("Marcus Lee"), Department="Records")
    desk.change(desk.id_of("Priya Raman"), Department="Front desk")
    desk.clock.pass_seconds(60)
    assert await found(desk, "+14155550100") == ["Priya Raman", "Marcus Lee", "Dana Whitfield"]


async def test_the_same_digits_in_another_country_are_another_number(desk: Desk) -> None:
    """Owen's 020 917 0142 is Irish; London's 020 7946 0123 is Amara's. Neither is the other's in any reading."""
    assert await found(desk, "+49209170142") == []
    assert await found(desk, "+492079460123") == []
    assert await found(desk, "+12079460123") == []


async def test_email_comes_first_and_a_phone_is_not_asked_for_then(desk: Desk) -> None:
    match = await desk.match(emails=("j.weiss@nordlicht.example",), phones=("+442079460123",))
    assert (await desk.names(match), match.rule) == (["Jürgen Weiß"], "email")
    assert not any("/search" in each for each in desk.sent)


async def test_an_email_and_a_phone_are_never_asked_for_in_one_query(desk: Desk) -> None:
    """An OR of the two would lose the e-mail's index."""
    await desk.match(emails=("nobody@nowhere.example",), phones=("+12025550999",))
    queries = [unquote(each) for each in desk.sent if "/query" in each]
    assert queries
    for where in (query.split("WHERE")[1] for query in queries):
        assert not ("Email" in where and "Phone" in where)


async def test_a_phone_finds_whom_the_email_did_not(desk: Desk) -> None:
    match = await desk.match(emails=("another@address.example",), phones=("+491713920034",))
    assert (await desk.names(match), match.rule) == (["Jürgen Weiß"], "phone")


async def test_several_addresses_of_one_person_find_one_person(desk: Desk) -> None:
    assert await found(desk, "+442079460123", "+447700900123", "(0044) 1632 960 123") == ["Amara Okafor"]


async def test_addresses_of_two_people_are_a_choice(desk: Desk) -> None:
    match = await desk.match(emails=("j.weiss@nordlicht.example", "amara.okafor@brightloom.example"))
    assert sorted(await desk.names(match)) == ["Amara Okafor", "Jürgen Weiß"]


@pytest.mark.parametrize(
    ("emails", "phones"),
    [
        (("ines.lefevre@atelierlumen.example",), ("+33 6 39 98 12 34",)),
        ((), ("9" * 500,)),
        ((), ("7", "x", "")),
        (("not an address", "", "a@b"), ()),
        (("<script>alert(1)</script>@x.example",), ("<b>12</b>" * 100,)),
        ((), ()),
        (("x" * 900 + "@example.com",), ("1 " * 400,)),
        (("ann\x00@example.com",), ("\x00\x01",)),
    ],
    ids=lambda addresses: str(addresses)[:30],
)
async def test_nobody_is_found_and_what_was_tried_is_told(
    desk: Desk, emails: tuple[str, ...], phones: tuple[str, ...]
) -> None:
    """RI-11."""
    match = await desk.match(emails=emails, phones=phones)
    assert (match.ids, match.rule) == ((), "")
    assert [each.raw for each in match.tried] == [*emails, *phones]


async def test_what_has_no_key_costs_no_call(desk: Desk) -> None:
    await desk.lookup.specs(desk.workspace)
    desk.sent.clear()
    await desk.match(emails=("nonsense",), phones=("9" * 500, "7"))
    assert desk.sent == []


@pytest.mark.parametrize(
    "email",
    [
        "x'OR'Email'!='@x.example",
        "x')OR(Email!='@x.example",
        "x\\'OR(Email!='')--@x.example",
        "x\\@x.example",
        "%@brightloom.example",
        "_mara.okafor@brightloom.example",
        "\\u0027OR\\u0020Email!=null@x.example",
        "'';DELETE@x.example",
    ],
)
async def test_an_email_with_soql_in_it_finds_nobody_and_harms_nothing(desk: Desk, email: str) -> None:
    before = list(desk.salesforce.org.rows("Contact"))
    match = await desk.match(emails=(email,))
    assert match.tried[0].key == email.lower(), "it has a key, so it was asked for"
    assert match.ids == ()
    assert list(desk.salesforce.org.rows("Contact")) == before


async def test_what_the_search_index_does_not_know_yet_is_found_by_its_spelling(desk: Desk) -> None:
    """The index lags behind writes, by minutes in real orgs."""
    desk.salesforce.org.setup.search_lag_ms = 15 * 60_000
    desk.clock.pass_seconds(1)
    written = {
        "(415) 555-0177": "+14155550177", "020 7946 0199": "+442079460199", "+49 171 3920099": "+491713920099",
        "٠٥٠ ٥٥٥ ٠١٩٩": "+971505550199", "44": "44",
    }  # fmt: skip
    countries = ["United States", "United Kingdom", "Germany", "United Arab Emirates", None]
    ids = [
        desk.add(HomePhone=stored, MailingCountry=country)
        for stored, country in zip(written, countries, strict=True)
    ]  # fmt: skip
    for id, key in zip(ids, written.values(), strict=True):
        assert (await desk.match(phones=(key,))).ids == (id,)


@pytest.mark.parametrize("count", [1, 5, 20])
async def test_many_unknown_numbers_and_addresses_still_fit_salesforces_limits(desk: Desk, count: int) -> None:
    """An address of more than 16,384 bytes is refused; nobody is nobody, not an error."""
    phones = tuple(f"+8135555{number:04}" for number in range(count))
    emails = tuple(f"{number}{'長' * 60}@みなと{'と' * 60}.example" for number in range(count))
    assert (await desk.match(phones=phones, emails=emails)).ids == ()
    assert max(len(each) for each in desk.sent) < 16_000


async def test_one_of_many_numbers_is_found(desk: Desk) -> None:
    desk.salesforce.org.setup.search_lag_ms = 15 * 60_000
    desk.clock.pass_seconds(1)
    id = desk.add(Fax="03-5555-0019", MailingCountry="Japan")
    phones = tuple(f"+8135555{number:04}" for number in range(20))
    assert (await desk.match(phones=phones)).ids == (id,)


async def test_a_field_the_connected_user_may_not_read_is_not_searched(desk: Desk) -> None:
    desk.hide("MobilePhone")
    assert await found(desk, "+491713920034") == []
    assert await found(desk, "+442079460123") == ["Amara Okafor"]


async def test_a_user_who_may_read_no_phone_at_all_finds_by_email(desk: Desk) -> None:
    desk.hide(*PHONES)
    assert await found(desk, "+442079460123") == []
    assert (await desk.match(emails=("amara.okafor@brightloom.example",))).ids


@pytest.mark.parametrize(
    ("identity", "region", "keys"),
    [
        (Identity(phones=("020 7946 0123",)), "GB", ["+442079460123"]),
        (Identity(phones=("020 7946 0123",)), "", ["02079460123"]),
        (Identity(phones=("020 917 0142",), country="IE"), "GB", ["+353209170142"]),
        (Identity(phones=("020 7946 0123",), country="US"), "GB", ["+442079460123"]),
        (Identity(("A@b.example", "no"), ("x",)), "GB", ["a@b.example", None, None]),
    ],
)
def test_a_number_is_read_with_the_customers_country_then_with_the_workspaces(
    identity: Identity, region: str, keys: Sequence[JSON]
) -> None:
    assert [tried_of(each).key for each in inputs_of(identity, region)] == keys


@pytest.mark.parametrize("fault", ["unavailable", "api_disabled", "limit_exceeded"])
async def test_salesforce_that_does_not_answer_is_an_error_and_not_nobody(desk: Desk, fault: str) -> None:
    await desk.lookup.specs(desk.workspace)
    desk.salesforce.org.faults.switch({fault: True})
    with pytest.raises(SalesforceError):
        await desk.match(emails=("owen.gallagher@shamrock.example",))
    with pytest.raises(SalesforceError):
        await desk.match(phones=("+353209170142",))


async def test_it_is_not_remembered_that_salesforce_was_down(desk: Desk) -> None:
    desk.salesforce.org.faults.unavailable = True
    with pytest.raises(Unreachable):
        await desk.match(emails=("owen.gallagher@shamrock.example",))
    desk.salesforce.org.faults.unavailable = False
    assert await desk.names(await desk.match(emails=("owen.gallagher@shamrock.example",))) == ["Owen Gallagher"]
