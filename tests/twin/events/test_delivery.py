"""Events are made once for all who see the same of them."""

from sidebar.twin.events.delivery import Delivery
from sidebar.twin.org import Actor, Org

NOTHING: frozenset[str] = frozenset()


def test_an_event_is_made_once_for_all_who_see_the_same(org: Org):
    org.create(Actor(org.admin), "Contact", {"LastName": "Okafor", "Title": "Buyer"})
    (change,) = org.changes
    delivery = Delivery(org)
    first = delivery.event(7, change, NOTHING)
    assert delivery.event(7, change, NOTHING) is first
    other = delivery.event(7, change, frozenset({"Title"}))
    assert (other.replay_id, other.event.id) == (first.replay_id, first.event.id)
    assert other.event.payload != first.event.payload
