"""Which Contacts count as imported, and why (RI-28)."""

from sidebar.mirror.bulk import BURST, WITHIN, Imports, Made


def made(number: int, at: int, user: str = "a", origin: str = "") -> Made:
    return Made(f"id {number}", user, at, origin)


def test_so_many_by_one_user_at_once_are_an_import_the_first_as_the_last() -> None:
    found = Imports().judge([made(number, number * 100) for number in range(BURST)])
    assert found == {f"id {number}": f"burst:{BURST}" for number in range(BURST)}


def test_one_less_is_none() -> None:
    assert Imports().judge([made(number, number) for number in range(BURST - 1)]) == {}


def test_many_over_a_long_time_are_none() -> None:
    assert Imports().judge([made(number, number * WITHIN) for number in range(100)]) == {}


def test_who_works_alone_beside_an_import_is_none() -> None:
    many = [made(number, number, "loader") for number in range(BURST)]
    assert "id 999" not in Imports().judge([*many, made(999, 5, "person")])


def test_an_import_may_come_in_several_responses() -> None:
    imports = Imports()
    assert imports.judge([made(number, 0) for number in range(BURST - 1)]) == {}
    assert imports.judge([made(99, 1)])["id 99"] == f"burst:{BURST}"


def test_the_first_of_an_import_are_told_once_it_is_known_until_that_is_settled() -> None:
    imports = Imports()
    first = [made(number, 0) for number in range(BURST - 1)]
    imports.judge(first)
    for _ in range(2):
        assert imports.judge([made(98, 1)]).keys() == {"id 98", *(each.id for each in first)}
    imports.settle(imports.judge([made(98, 1)]))
    assert list(imports.judge([made(99, 2)])) == ["id 99"]


def test_the_same_again_is_not_one_more() -> None:
    imports = Imports()
    for _ in range(5):
        assert imports.judge([made(number, 0) for number in range(BURST // 2)]) == {}


def test_an_earlier_crowd_in_one_response_is_seen_though_others_follow_much_later() -> None:
    crowd = [made(number, number) for number in range(BURST)]
    assert len(Imports().judge([*crowd, made(999, 10 * WITHIN)])) == BURST


def test_a_page_of_salesforce_is_a_person_at_work() -> None:
    page = "com/salesforce/api/soap/68.0;client=SfdcInternalAPI/"
    assert Imports().judge([made(1, 0, origin=page)]) == {}


def test_who_is_entered_by_hand_beside_ones_own_loader_is_none() -> None:
    loader = "com/salesforce/api/bulkapi/68.0"
    many = [made(number, number, origin=loader) for number in range(BURST)]
    assert "id 999" not in Imports().judge([*many, made(999, 5)])


def test_a_loader_is_known_by_its_name() -> None:
    loader = "com/salesforce/api/soap/68.0;client=DataLoaderPartnerUI/68.0"
    assert Imports().judge([made(1, 0, origin=loader)]) == {"id 1": "client:DataLoaderPartnerUI"}
