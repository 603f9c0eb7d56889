"""What can be asked about an org itself, and not about anybody in it: its clock, its allowances, what it would tell a
listener. Must not know why somebody asks.

Pub/Sub API guide: GetTopic; REST API Developer Guide: Limits; Tooling API: PlatformEventChannelMember.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import quote

import grpc
import grpc.aio
import httpx

from sidebar.salesforce.client import Access, Client, Record
from sidebar.salesforce.errors import NotFound, Refused, from_transport
from sidebar.salesforce.pubsub import credentials
from sidebar.salesforce.refusals import from_rpc
from sidebar.wire import pubsub_api_pb2 as wire
from sidebar.wire.pubsub_api_pb2_grpc import PubSubStub

_MEMBERS = "SELECT EventChannel, SelectedEntity FROM PlatformEventChannelMember"
_WITHOUT_ADD_ON = 5
_STANDARD, _CUSTOM = "ChangeEvents", "0YL"  # custom channels are told by their ids
_EVENT = "ChangeEvent"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of what an org may use within a day."""

    used: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Allowances:
    """`delivered`: change events and platform events brought to all listeners of the org. None: Salesforce does not
    say."""

    calls: Allowance | None
    delivered: Allowance | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The objects an org tells the changes of, whatever channel they are in: some orgs have Contact in one that
    Salesforce keeps for itself, and the topic of Contacts brings them all the same. `chosen`: how many of them count
    toward the limit, which is shared by all channels of the org's own."""

    objects: tuple[str, ...]
    chosen: int

    @property
    def contacts(self) -> bool:
        return "Contact" in self.objects

    @property
    def full(self) -> bool:
        """No more can be selected, unless the org has the paid add-on."""
        return self.chosen >= _WITHOUT_ADD_ON


async def allowances(client: Client) -> Allowances:
    """Costs a call."""
    limits = await client.read("/limits")
    return Allowances(
        _allowance(limits.get("DailyApiRequests")), _allowance(limits.get("DailyDeliveredPlatformEvents"))
    )


async def selected(client: Client) -> Selection | None:
    """What is chosen under Setup, Change Data Capture; None where this user may not look into Setup. Costs a call."""
    try:
        members = await client.read(f"/tooling/query?q={quote(_MEMBERS)}")
    except (NotFound, Refused):
        return None
    return _selection(cast("list[Record]", members.get("records") or []))


async def clock_of(http: httpx.AsyncClient, instance_url: str) -> int | None:
    """What time it is there, in whole seconds as ms; None where it does not say. Needs no token."""
    try:
        response = await http.get(f"{instance_url}/services/data/")
        return round(parsedate_to_datetime(response.headers["Date"]).timestamp() * 1000)
    except httpx.HTTPError as problem:
        raise from_transport(problem) from problem
    except (KeyError, ValueError):
        return None


async def may_subscribe(
    endpoint: str, ca_file: str | None, access: Access, org_id: str, topic: str, seconds: float
) -> bool:
    """Whether this user may listen to the topic. Raises the errors of errors.py; StreamRefused for no such topic."""
    metadata = (("accesstoken", access.token), ("instanceurl", access.instance_url), ("tenantid", org_id))
    try:
        async with grpc.aio.secure_channel(endpoint, credentials(ca_file)) as channel:
            stub = PubSubStub(channel)  # type: ignore[no-untyped-call]
            told = await stub.GetTopic(wire.TopicRequest(topic_name=topic), metadata=metadata, timeout=seconds)
    except grpc.aio.AioRpcError as problem:
        raise from_rpc(problem) from problem
    return bool(told.can_subscribe)


def _selection(members: Iterable[Record]) -> Selection:
    """Custom channels may carry platform events, too: they count for nothing here."""
    told = [(str(each.get("EventChannel")), str(each.get("SelectedEntity"))) for each in members]
    changes = [(channel, _object(entity)) for channel, entity in told if entity.endswith(_EVENT)]
    chosen = {name for channel, name in changes if channel == _STANDARD or channel.startswith(_CUSTOM)}
    return Selection(tuple(sorted({name for _, name in changes})), len(chosen))


def _object(entity: str) -> str:
    name = entity.removesuffix(_EVENT)
    return f"{name}c" if name.endswith("__") else name


def _allowance(told: object) -> Allowance | None:
    if not isinstance(told, Mapping):
        return None
    most, left = told.get("Max"), told.get("Remaining")
    return Allowance(most - left, most) if isinstance(most, int) and isinstance(left, int) else None
