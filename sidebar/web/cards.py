"""The contact's fragment, rendered once per state of record, layout, role and language, however often it is opened."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sidebar.cache import Cache
from sidebar.contacts.fields import Field, Spec, field, view
from sidebar.contacts.lookup import Seen
from sidebar.salesforce.client import Record
from sidebar.store.workspaces import Workspace
from sidebar.web.render import Pages


@dataclass(frozen=True, slots=True)
class Card:
    html: str
    etag: str


@dataclass(frozen=True, slots=True)
class Place:
    """What a fragment depends on besides the record: where it is shown, in which words, and what links lead to."""

    workspace: Workspace
    host: str
    language: str
    instance_url: str

    @property
    def url(self) -> str:
        return f"/h/{self.host}/{self.workspace.key}"


class Cards:
    def __init__(self, pages: Pages, clock: Callable[[], int]) -> None:
        self._pages = pages
        self._kept: Cache[tuple[Place, str], tuple[Record, Card]] = Cache(seconds=3600, size=5_000, clock=clock)

    def card(self, place: Place, seen: Seen, specs: Mapping[str, Spec]) -> Card:
        kept = self._kept.get((place, seen.id))
        if kept is not None and kept[0] == seen.record:
            return kept[1]
        card = self._render(place, seen, specs)
        self._kept.put((place, seen.id), (seen.record, card))
        return card

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
