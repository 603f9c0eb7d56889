"""Change Data Capture on the Pub/Sub API: schemas, payloads, the bus and its streams, over gRPC."""

from sidebar.twin.events.pubsub import PubSub

__all__ = ["PubSub"]
