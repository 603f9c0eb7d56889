"""The inbox as any host: one framed panel, a signed context for each conversation, a strict policy."""

import re
from html.parser import HTMLParser

import httpx
import jwt
import pytest

from sidebar.demo.conversations import CONVERSATIONS
from sidebar.demo.inbox import Surroundings
from sidebar.demo.words import LANGUAGES
from sidebar.hosts import Arrival
from sidebar.hosts.generic import HOST

from .conftest import NOW

pytestmark = pytest.mark.anyio


class Page(HTMLParser):
    """Every element of a page as (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes for name, attributes in self.elements if name == tag and wanted.items() <= attributes.items()
        ]


async def test_the_token_says_which_agent_looks_at_which_customer(inbox: httpx.AsyncClient, house: Surroundings):
    answer = await inbox.get("/token/zofia", params={"locale": "pl", "theme": "dark"})
    claims = jwt.decode(
        answer.json()["token"],
        house.host_secret,
        algorithms=["HS256"],
        audience="wk_test",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims == {
        "aud": "wk_test",
        "iat": NOW // 1000,
        "exp": NOW // 1000 + 300,
        "sub": "agent-7",
        "email": "robin.keller@lindenlark.example",
        "name": "Robin Keller",
        "conversation": "zofia",
        "customer": {
            "emails": ["zofia.wisniewska@wiatrak.example"],
            "phones": [],
            "name": "Zofia Wiśniewska",
            "external_id": "hb-1071",
            "country": "PL",
        },
        "locale": "pl",
        "theme": "dark",
    }
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.id)
async def test_the_generic_host_takes_every_token_the_inbox_signs(conversation, inbox, house):
    token = (await inbox.get(f"/token/{conversation.id}")).json()["token"]
    arrival = Arrival(headers={}, query={}, body=f"token={token}".encode())
    visit = HOST.visit(arrival, house.workspace_key, house.host_secret, NOW)
    assert visit.conversation == conversation.id
    assert visit.customer.emails == conversation.customer.emails
    assert visit.customer.phones == conversation.customer.phones


async def test_an_unknown_conversation_gets_no_token(inbox: httpx.AsyncClient):
    answer = await inbox.get("/token/somebody-else")
    assert answer.status_code == 404
    assert answer.json() == {"error": "This inbox has no such conversation."}


async def test_an_unknown_language_or_theme_falls_back(inbox: httpx.AsyncClient):
    token = (await inbox.get("/token/amara", params={"locale": "xx", "theme": "<b>"})).json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["locale"], claims["theme"]) == ("en", "auto")


async def test_the_page_frames_the_panel_and_nothing_else(inbox: httpx.AsyncClient):
    answer = await inbox.get("/")
    [frame] = Page(answer.text).all("iframe")
    assert frame["data-address"] == "http://localhost:8000/h/generic/wk_test"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src http://localhost:8000; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_the_page_has_no_inline_script_or_style_in_any_language(inbox: httpx.AsyncClient, locale: str):
    page = Page((await inbox.get("/", params={"locale": locale})).text)
    assert [script["src"] for script in page.all("script")] == ["/static/demo/inbox.js"]
    assert not page.all("style")
    assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)]


async def test_everything_the_page_and_its_scripts_load_is_served(inbox: httpx.AsyncClient):
    page = Page((await inbox.get("/")).text)
    paths = [sheet["href"] for sheet in page.all("link")] + [image["src"] for image in page.all("img")]
    script = (await inbox.get("/static/demo/inbox.js")).text
    paths += [f"/static/demo/{name}" for name in re.findall(r'"\./([\w.]+)"', script)]
    assert len(paths) >= 12
    assert {(await inbox.get(path)).status_code for path in paths} == {200}


async def test_arabic_turns_the_page_round(inbox: httpx.AsyncClient):
    page = Page((await inbox.get("/", params={"locale": "ar", "theme": "dark"})).text)
    assert page.all("html") == [{"lang": "ar", "dir": "rtl", "data-theme": "dark"}]


async def test_every_conversation_has_its_row_its_thread_and_its_own_direction(inbox: httpx.AsyncClient):
    page = Page((await inbox.get("/")).text)
    rows = [a["data-conversation"] for a in page.all("button") if "row" in (a.get("class") or "").split()]
    assert sorted(rows) == sorted(one.id for one in CONVERSATIONS)
    assert all(page.all("section", id=f"thread-{one.id}") for one in CONVERSATIONS)
    assert all(bubble["dir"] == "auto" for bubble in page.all("p") if bubble.get("class") == "bubble")


async def test_the_demo_sign_in_is_shown_and_the_host_secret_is_not(inbox: httpx.AsyncClient, house: Surroundings):
    html = (await inbox.get("/")).text
    assert "calm-otter-93" in html
    assert house.host_secret not in html


async def test_secrets_stay_out_of_the_repr_of_the_surroundings(house: Surroundings):
    assert house.host_secret not in repr(house)
    assert house.admin_password not in repr(house)
