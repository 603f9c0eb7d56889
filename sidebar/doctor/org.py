"""What the doctor asks an org that answers: rights, whether it would tell of changes, and what time it is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from sidebar.contacts.fields import Spec
from sidebar.doctor.finding import SECONDS, Finding, State
from sidebar.mirror import CONTACTS
from sidebar.salesforce.client import Accessor, Client
from sidebar.salesforce.errors import SalesforceError, StreamRefused, Unauthorized, Unreachable
from sidebar.salesforce.probe import Selection, clock_of, may_subscribe, selected
from sidebar.settings import Settings
from sidebar.store.connections import Grant
from sidebar.store.standing import Standing
from sidebar.store.workspaces import Workspace

_SETUP = "In Salesforce, open Setup, Change Data Capture, and select Contact."
_LIMIT = "At most five objects can be selected without a paid add-on, shared by everything that listens to this org:"
_SELECT = f"{_SETUP} {_LIMIT} where five are taken, one has to go."
_REPLACE = f"{_SETUP} {_LIMIT} they are taken, so one has to go first."
_VIEW_ALL = "Whether it may view all Contacts cannot be asked: give it “View All” on Contacts, or some stay unseen."
_FOUND_BY = ("Email", "Phone", "MobilePhone")
_CLOCKS_MAY_DIFFER, _TOKENS_FAIL = 30_000, 300_000  # ms
_HOUR = 3_600_000
_RECENT = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Org:
    """A workspace's org, as it has answered. `fields`: those of Contact this user may read."""

    workspace: Workspace
    grant: Grant
    standing: Standing
    access: Accessor
    client: Client
    fields: Mapping[str, Spec]

    def found(self, name: str, state: State, text: str) -> Finding:
        return Finding(name, state, text, self.workspace.name)


async def rights(org: Org) -> Finding:
    shown, user = org.workspace.fields, org.grant.username
    hidden = [name for name in dict.fromkeys((*shown, *_FOUND_BY)) if name not in org.fields]
    if hidden:
        text = f"The user {user} may not read {', '.join(hidden)}: the panel leaves them out, and finds nobody by them."
        return org.found("Rights", "warn", f"{text} Change that under field-level security. {_VIEW_ALL}")
    if org.workspace.editing and not any(org.fields[name].writable for name in shown):
        text = f"Editing is on, but the user {user} may change none of the shown fields."
        return org.found("Rights", "warn", f"{text} {_VIEW_ALL}")
    return org.found("Rights", "ok", f"The shown fields can be read. {_VIEW_ALL}")


async def events(org: Org, settings: Settings, clock: Callable[[], int]) -> Finding:
    """Without change events the panel still works, 60 seconds behind."""
    trouble: State = "stop" if org.workspace.auto_create or org.workspace.live else "warn"
    endpoint, ca_file = settings.pubsub_endpoint, settings.pubsub_ca_file or None
    access, org_id = await org.access(None), org.grant.org_id
    try:
        allowed = await may_subscribe(endpoint, ca_file, access, org_id, CONTACTS, SECONDS - 1)
    except SalesforceError as problem:
        return org.found("Change events", trouble, _not_heard(problem, endpoint))
    if not allowed:
        text = f"The user {org.grant.username} may not hear changes of Contacts: it needs to read them. {_VIEW_ALL}"
        return org.found("Change events", trouble, text)
    chosen = await selected(org.client)
    return _selection(org, trouble, chosen) if chosen is not None else _heard(org, clock())


def _not_heard(problem: SalesforceError, endpoint: str) -> str:
    if isinstance(problem, Unreachable):
        why = problem.code or "no connection"
        look = "Look whether this machine may open it, and at SIDEBAR_PUBSUB_ENDPOINT and SIDEBAR_PUBSUB_CA_FILE."
        return f"{endpoint} cannot be reached ({why}). {look}"
    if isinstance(problem, Unauthorized):
        look = "See that sessions are not locked to an IP address (Setup, Session Settings), and that the user has"
        return f"{problem.code or problem.message}: the session is taken by REST, but not here. {look} “API Enabled”."
    return f"{problem}. {_SELECT}" if isinstance(problem, StreamRefused) else str(problem)


def _selection(org: Org, trouble: State, chosen: Selection) -> Finding:
    names = ", ".join(chosen.objects) or "nothing"
    if chosen.contacts:
        return org.found("Change events", "ok", f"Contact is selected ({names}).")
    advice = _REPLACE if chosen.full else _SELECT
    return org.found("Change events", trouble, f"Contact is not selected, but {names}. {advice}")


def _heard(org: Org, now: int) -> Finding:
    """Where this user may not look into Setup, what has come has to prove that Contact is selected."""
    come = org.standing.position.events if org.standing.position else 0
    if not come:
        text = "They may be heard, but none has come yet. Change a Contact to try it. If nothing comes: "
        return org.found("Change events", "warn", text + _SELECT)
    if doubt := _doubt(org.standing, now):
        text = f"{come} have come since the connection, but {doubt}. Change a Contact to try it. If nothing comes: "
        return org.found("Change events", "warn", text + _SELECT)
    return org.found("Change events", "ok", f"{come} have come since the connection.")


def _doubt(standing: Standing, now: int) -> str:
    """What speaks against events that came before; empty where nothing does."""
    last = standing.position.event_at if standing.position else None
    if standing.broken:
        return "the stream is broken now"
    if last is None:
        return ""
    walk = standing.sweep
    if walk and walk.reason == "periodic" and last < walk.started_at and walk.changed + walk.missing:
        return f"then a walk through all Contacts found {walk.changed + walk.missing} changes that none had told"
    return f"the last {(now - last) // _HOUR} h ago" if now - last > _RECENT else ""


async def clocks(org: Org, http: httpx.AsyncClient, clock: Callable[[], int]) -> Finding:
    theirs = await clock_of(http, org.grant.instance_url)
    ahead = clock() - theirs if theirs is not None else 0
    if abs(ahead) <= _CLOCKS_MAY_DIFFER:
        text = "As Salesforce's." if theirs is not None else "Salesforce does not tell what time it is."
        return org.found("Clock", "ok", text)
    where = "ahead of" if ahead > 0 else "behind"
    text = (
        f"This machine's clock is {abs(ahead) // 1000} s {where} Salesforce's: tokens look expired, and new contacts "
    )
    return org.found("Clock", "warn" if abs(ahead) < _TOKENS_FAIL else "stop", f"{text}old. Let NTP set it.")
