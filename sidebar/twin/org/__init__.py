"""The org: objects, records, rights, grants and everything that ever changed. Knows no HTTP, no SOQL, no gRPC."""

from sidebar.twin.org.changes import Change
from sidebar.twin.org.org import SCOPES, SESSION_SCOPES, Org
from sidebar.twin.org.people import Actor, User
from sidebar.twin.org.rows import JSON, Row

__all__ = ["JSON", "SCOPES", "SESSION_SCOPES", "Actor", "Change", "Org", "Row", "User"]
