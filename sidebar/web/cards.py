"""The contact's fragment, rendered once per state of record, layout, rights and language, then opened often."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sidebar.cache import Cache
from sidebar.contacts.fields import Field, Spec, field, view
from sidebar.contacts.lookup import Seen
from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce.client import Record
from sidebar.store.workspaces import Workspace
from sidebar.web.doors import Door
from sidebar.web.render import Pages

_SECONDS = 300  # a card is used only with the record it was made of; this is how long one lies idle


@dataclass(frozen=True, slots=True)
class Card:
    html: str
    etag: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """A card, and what it was made of: labels and rights may change while the record does not."""

    record: Record
    specs: Mapping[str, Spec]
    card: Card
    lines: dict[str, str]  # by field, once a live panel asks for them


@dataclass(frozen=True, slots=True)
class Place:
    """What a fragment depends on besides the record: where it is shown, in which words, and what links lead to."""

    workspace: Workspace
    host: str
    language: str
    instance_url: str
    org_id: str

    @property
    def url(self) -> str:
        return f"/h/{self.host}/{self.workspace.key}"


async def place_in(orgs: Orgs, door: Door, language: str) -> Place:
    """Raises NotConnected."""
    connection = await orgs.connection(door.workspace.id)
    if connection is None or connection.grant is None:
        raise NotConnected("never")
    grant = connection.grant
    return Place(door.workspace, door.host.kind, language, grant.instance_url, grant.org_id)


class Cards:
    def __init__(self, pages: Pages, clock: Callable[[], int]) -> None:
        self._pages = pages
        self._kept: Cache[tuple[Place, str], _Kept] = Cache(seconds=_SECONDS, size=5_000, clock=clock)

    def card(self, place: Place, seen: Seen, specs: Mapping[str, Spec]) -> Card:
        return self._of(place, seen, specs).card

    def lines(self, place: Place, seen: Seen, specs: Mapping[str, Spec]) -> Mapping[str, str]:
        """The card's lines one by one, in their order: what a panel that is open is sent."""
        kept = self._of(place, seen, specs)
        if not kept.lines:
            shown = (specs[name] for name in place.workspace.fields if name in specs)
            kept.lines.update((spec.name, self.field(place, seen, spec)) for spec in shown)
        return kept.lines

    def forget(self, workspace_id: str) -> None:
        """Nothing of a workspace that has been disconnected stays (RI-40)."""
        self._kept.drop(lambda key: key[0].workspace.id == workspace_id)

    def field(self, place: Place, seen: Seen, spec: Spec, *, focus: bool = False, saved: bool = False) -> str:
        """One line of the card, as it is swapped in after an edit; `focus` puts the keyboard back on it."""
        line = field(spec, seen.record, place.workspace.editing, place.language)
        return self._pages.render(
            "panel/_field.html", place.language, place=place, id=seen.id, field=line, focus=focus, saved=saved
        )

    def form(self, place: Place, id: str, line: Field, **more: object) -> str:
        """The line as a form. `more`: `typed`, and `trouble`, `invalid` or `conflict` where the last try failed."""
        context = {"typed": None, "trouble": None, "invalid": None, "conflict": None, **more}
        return self._pages.render(
            "panel/_field_edit.html", place.language, place=place, id=id, field=line, as_json=as_json, **context
        )

    def _of(self, place: Place, seen: Seen, specs: Mapping[str, Spec]) -> _Kept:
        kept = self._kept.get((place, seen.id))
        if kept is None or kept.specs is not specs or kept.record != seen.record:
            kept = _Kept(seen.record, specs, self._render(place, seen, specs), {})
            self._kept.put((place, seen.id), kept)
        return kept

    def _render(self, place: Place, seen: Seen, specs: Mapping[str, Spec]) -> Card:
        workspace = place.workspace
        lines = view(specs, seen.record, workspace.fields, workspace.editing, place.language)
        html = self._pages.render(
            "panel/_contact.html", place.language, place=place, id=seen.id, record=seen.record, fields=lines
        )
        return Card(html, f'"{hashlib.blake2b(html.encode(), digest_size=12).hexdigest()}"')


def as_json(value: object) -> str:
    """A field's raw value as a form carries it, so that it comes back exactly as it was."""
    return json.dumps(value, ensure_ascii=False)
