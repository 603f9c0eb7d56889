"""What the demo inbox is told about its neighbours: addresses, keys and the clock. Secrets stay out of its repr."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Origins and URLs come without a trailing slash; `clock` gives milliseconds UTC.

    `org_token` gives a fresh access token of a colleague in the org, for what the tour does there.
    """

    panel_origin: str
    workspace_key: str
    host_secret: str = field(repr=False)
    admin_url: str
    admin_email: str
    admin_password: str = field(repr=False)
    contacts_url: str
    org_url: str
    org_token: Callable[[], Awaitable[str]] = field(repr=False)
    http: httpx.AsyncClient = field(repr=False)
    clock: Callable[[], int] = field(repr=False)
