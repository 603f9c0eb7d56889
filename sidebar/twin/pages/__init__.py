"""The org's own pages: a person looks at, changes and creates records here, signed in as the administrator.

Every page refuses to be framed, as Salesforce's do. Writes go through the org like any other; nothing here knows
of events. No script runs on these pages.
"""

from starlette.routing import Route

from sidebar.twin.org import Org
from sidebar.twin.pages.deeds import DeedPages
from sidebar.twin.pages.records import RecordPages
from sidebar.twin.pages.site import Site

_ONE = "/lightning/r/{object}/{id}"


def routes(org: Org) -> list[Route]:
    site = Site(org)
    records, deeds = RecordPages(site), DeedPages(site)
    shown = {"/": site.home, "/twin/static/twin.css": site.css, "/lightning/o/{object}/list": records.search}
    forms = {
        "/lightning/o/DeleteEvent/home": deeds.bin,
        "/lightning/o/{object}/new": records.new,
        f"{_ONE}/view": records.record,
        f"{_ONE}/delete": deeds.delete,
    }
    return [
        *(Route(path, site.guarded(page)) for path, page in shown.items()),
        *(Route(path, site.guarded(page), methods=["GET", "POST"]) for path, page in forms.items()),
    ]
