"""The topics of the org: which objects' changes each carries, and how much of them a listener may see.

Must not know streams, replay or gRPC, but for how a refusal looks.
"""

from collections.abc import Iterable

from sidebar.twin.events import refusals
from sidebar.twin.events.schemas import ORDER, topic_of
from sidebar.twin.org import Org, User

ALL_OBJECTS = "/data/ChangeEvents"


class Topics:
    def __init__(self, org: Org) -> None:
        self._org = org
        self.objects = tuple(name for name in ORDER if name.lower() in org.schema)
        self._single = {f"/data/{topic_of(name)}": name for name in self.objects}

    def carried(self, topic: str) -> tuple[str, ...]:
        """The objects of a topic, whose name is case-sensitive. Raises Refusal."""
        if not topic:
            raise refusals.NO_TOPIC
        if topic == ALL_OBJECTS:
            return self.objects
        if topic in self._single:
            return (self._single[topic],)
        channel = topic.removeprefix("/data/")
        for defined in self._org.setup.channels:
            name, _, members = defined.partition("=")
            if name == channel and name.endswith("__chn"):
                return tuple(name for name in self.objects if _names(name, members.split(",")))
        raise refusals.unknown_topic(self.tenant, topic)

    def sole(self, topic: str) -> str | None:
        """The object of a topic that is about one only."""
        return self._single.get(topic)

    def may_subscribe(self, user: User, topic: str) -> bool:
        """A topic of many objects is open to all: it silently leaves out what the listener may not see."""
        sole = self.sole(topic)
        return sole is None or self._reads(user, sole)

    def hidden(self, user: User, name: str) -> frozenset[str] | None:
        """The fields of an object that are null for `user` now; None when its changes are not for this user, or not
        selected for change data capture."""
        if _names(name, self._org.setup.uncaptured_objects) or not self._reads(user, name):
            return None
        sobject = self._org.sobject(name)
        closed = sobject.fields.keys() - self._org.fields(user, sobject).keys()
        return frozenset(sobject.fields[key].name for key in closed)

    @property
    def tenant(self) -> str:
        return f"CORE/prod/{self._org.id}"

    def _reads(self, user: User, name: str) -> bool:
        return self._org.profiles[user.profile].may("read", name)


def _names(object_name: str, given: Iterable[str]) -> bool:
    return object_name.lower() in (each.strip().lower() for each in given)
