"""What a person does with whole records: delete them, bring them back, merge two, convert a lead.

Each is a page that says what will happen and a plain form that does it. Knows no field.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sidebar.twin import errors
from sidebar.twin.bodies import form_of
from sidebar.twin.pages import names
from sidebar.twin.pages.forms import lookup
from sidebar.twin.pages.records import found
from sidebar.twin.pages.site import Site

_BIN = "/lightning/o/DeleteEvent/home"
_MOST = 50


class DeedPages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._org = site.org

    async def delete(self, request: Request) -> Response:
        sobject, row = self._site.row(request)
        if request.method != "POST":
            return self._page("delete.html", request, children=list(names.children(self._org, sobject, row)))
        self._org.delete(self._site.actor, sobject.name, str(row["Id"]))
        return RedirectResponse(f"/lightning/o/{sobject.name}/list?deleted=1", 303)

    async def bin(self, request: Request) -> Response:
        if request.method != "POST":
            tables = [self._org.tables[sobject.name] for sobject in names.objects(self._org)]
            deleted = {table.sobject: names.links(table.sobject, table.bin.values()) for table in tables if table.bin}
            return self._site.page("bin.html", deleted=deleted, bin=_BIN)
        form = form_of(await request.body())
        object_name, id_ = form.get("object", ""), form.get("id", "")
        self._org.undelete(self._site.actor, object_name, id_)
        return RedirectResponse(f"/lightning/r/{self._org.sobject(object_name).name}/{id_}/view?saved=1", 303)

    async def merge(self, request: Request) -> Response:
        """Into the record of the address; the other one is looked for here first."""
        sobject, row = self._site.row(request)
        if not sobject.raw["mergeable"]:
            raise errors.not_found()
        if request.method != "POST":
            query = request.query_params.get("q", "").strip()
            rows = found(self._org.tables[sobject.name], query) if query else []
            others = names.links(sobject, (other for other in rows if other["Id"] != row["Id"]))
            return self._page("merge.html", request, q=query, found=others[:_MOST], more=len(others) > _MOST)
        loser = form_of(await request.body()).get("loser", "")
        self._org.merge(self._site.actor, sobject.name, str(row["Id"]), [loser])
        return RedirectResponse(f"/lightning/r/{sobject.name}/{row['Id']}/view?saved=1", 303)

    async def convert(self, request: Request) -> Response:
        sobject, row = self._site.row(request)
        if sobject.name != "Lead":
            raise errors.not_found()
        if request.method != "POST":
            choice = {name.lower() + "s": lookup(self._org, [name]) for name in ("Account", "Contact")}
            return self._page("convert.html", request, **choice)
        form = form_of(await request.body())
        became = self._org.convert_lead(
            self._site.actor,
            str(row["Id"]),
            account=form.get("account") or None,
            contact=form.get("contact") or None,
            opportunity_name=form.get("opportunity_name") or None,
        )
        return RedirectResponse(f"/lightning/r/Contact/{became.contact}/view?saved=1", 303)

    def _page(self, template: str, request: Request, /, **shown: object) -> Response:
        sobject, row = self._site.row(request)
        here = {"sobject": sobject, "row": row, "link": names.link(sobject, row), "path": request.url.path}
        return self._site.page(template, 200, **here, **shown)
