"""Looking things up in the org, and reading a page's form as a browser would send it."""

from html.parser import HTMLParser

import httpx

from sidebar.twin.org import JSON, Org

HERE = {"Sec-Fetch-Site": "same-origin"}


def find(org: Org, object_name: str, **fields: str) -> str:
    rows = (row for row in org.rows(object_name) if all(row[name] == value for name, value in fields.items()))
    return str(next(rows)["Id"])


def value(org: Org, object_name: str, id_: str, field: str) -> JSON:
    row = org.row(object_name, id_)
    assert row is not None
    return row[field]


class Filled(HTMLParser):
    """What a browser would send of a page's POST form as it stands."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._name, self._text, self._posts = "", False, False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._posts = said.get("method") == "post"
        elif self._posts and tag == "input" and (said.get("type") not in ("checkbox", "radio") or "checked" in said):
            self.fields.setdefault(said["name"], []).append(said["value"])
        elif self._posts and tag in ("select", "textarea"):
            self._name, self._text = said["name"], tag == "textarea"
            self.fields[self._name] = [""]
        elif tag == "option" and "selected" in said:
            self.fields[self._name] = [said["value"]]

    def handle_endtag(self, tag: str) -> None:
        self._text = self._text and tag != "textarea"

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._name][0] += data.removeprefix("\n")


async def form_at(browser: httpx.AsyncClient, path: str) -> dict[str, list[str]]:
    page = await browser.get(path)
    assert page.status_code == 200
    return Filled(page.text).fields
