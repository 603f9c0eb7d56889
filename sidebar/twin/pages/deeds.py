"""What a person does with whole records: delete them, bring them back.

Each is a page that says what will happen and a plain form that does it. Knows no field.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sidebar.twin.bodies import form_of
from sidebar.twin.pages import names
from sidebar.twin.pages.site import Site

_BIN = "/lightning/o/DeleteEvent/home"


class DeedPages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._org = site.org

    async def delete(self, request: Request) -> Response:
        sobject, row = self._site.row(request)
        if request.method != "POST":
            children = list(names.children(self._org, sobject, row))
            link = names.link(sobject, row)
            return self._site.page("delete.html", sobject=sobject, link=link, children=children, path=request.url.path)
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
