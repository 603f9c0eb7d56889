"""Changes as delivered events: encoded under the schema of their time, once for all listeners who see the same.

Must not know who listens, nor when.
"""

from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_OID, uuid5

from cachetools import LRUCache

from sidebar.twin.events.payload import encode
from sidebar.twin.events.replay import replay_id
from sidebar.twin.events.schemas import EventSchema, edition
from sidebar.twin.org import Org
from sidebar.twin.org.changes import Change
from sidebar.wire import pubsub_api_pb2 as wire

_REMEMBERED_BYTES = 32_000_000


class Delivery:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._made: LRUCache[tuple[int, frozenset[str]], wire.ConsumerEvent] = LRUCache(
            _REMEMBERED_BYTES, getsizeof=lambda event: len(event.event.payload)
        )

    def event(self, place: int, change: Change, hidden: frozenset[str]) -> wire.ConsumerEvent:
        """The event of a change that stands at `place`, for whoever must not read the fields in `hidden`."""
        key = (place, hidden)
        if key not in self._made:
            self._made[key] = self._event(place, change, hidden)
        return self._made[key]

    def schema(self, object_name: str) -> EventSchema:
        """Of what happens to the object from now on."""
        return edition(self._org.sobject(object_name))

    def find(self, id: str, objects: Iterable[str], retained: Iterable[tuple[int, Change]]) -> EventSchema | None:
        """A schema by its id: one of today, or one that a retained event still needs."""
        return next((schema for schema in self._known(objects, retained) if schema.id == id), None)

    def _known(self, objects: Iterable[str], retained: Iterable[tuple[int, Change]]) -> Iterator[EventSchema]:
        yield from map(self.schema, objects)
        yield from (edition(sobject) for sobject in {change.under for _, change in retained} if sobject)

    def _event(self, place: int, change: Change, hidden: frozenset[str]) -> wire.ConsumerEvent:
        schema = edition(change.under or self._org.sobject(change.object))
        event = wire.ProducerEvent(
            id=str(uuid5(NAMESPACE_OID, f"{self._org.client_id} {change.transaction} {change.sequence}")),
            schema_id=schema.id,
            payload=encode(schema, change, hidden),
        )
        return wire.ConsumerEvent(event=event, replay_id=replay_id(place))
