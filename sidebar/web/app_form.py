"""The form in which an admin enters the app made in Salesforce: key, secret and where to sign in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sidebar.salesforce.login import PRODUCTION, SANDBOX, is_salesforce
from sidebar.settings import origin
from sidebar.store.connections import App

_LONGEST = 512


@dataclass(frozen=True, slots=True)
class AppForm:
    """As typed. `where` is "production", "sandbox", "domain" (then `domain` counts) or one of the further origins."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    where: str
    domain: str

    def login_origin(self, further: frozenset[str]) -> str | None:
        """Where people sign in, or None where what was typed is no address of Salesforce (IM-13, IM-14)."""
        known = {"production": PRODUCTION, "sandbox": SANDBOX} | {each: each for each in further}
        return known.get(self.where) or (_my_domain(self.domain) if self.where == "domain" else None)

    def problems(self, stored: App | None, further: frozenset[str]) -> list[str]:
        """What has to be mended: "key", "secret", "where", "domain", "lightning"."""
        found = []
        if not 0 < len(self.consumer_key) <= _LONGEST or any(each.isspace() for each in self.consumer_key):
            found.append("key")
        if len(self.consumer_secret) > _LONGEST or not (self.consumer_secret or self._is_same_app(stored)):
            found.append("secret")
        if self.login_origin(further) is None:
            found.append(self._where_problem())
        return found

    def is_same(self, stored: App | None, further: frozenset[str]) -> bool:
        """Whether this is the stored app, perhaps with another secret."""
        return self._is_same_app(stored) and stored is not None and stored.login_origin == self.login_origin(further)

    def _is_same_app(self, stored: App | None) -> bool:
        return stored is not None and stored.consumer_key == self.consumer_key

    def _where_problem(self) -> str:
        if self.where != "domain":
            return "where"
        return "lightning" if ".lightning.force.com" in self.domain.lower() else "domain"


def read_app(sent: Mapping[str, str]) -> AppForm:
    return AppForm(
        consumer_key=sent.get("consumer_key", "").strip(),
        consumer_secret=sent.get("consumer_secret", "").strip(),
        where=sent.get("where", ""),
        domain=sent.get("domain", "").strip(),
    )


def shown(stored: App | None, further: frozenset[str]) -> AppForm:
    """The form for what is stored; the secret is never part of it (IM-11)."""
    if stored is None:
        return AppForm("", "", "production", "")
    where = {PRODUCTION: "production", SANDBOX: "sandbox"} | {each: each for each in further}
    kind = where.get(stored.login_origin, "domain")
    return AppForm(stored.consumer_key, "", kind, stored.login_origin if kind == "domain" else "")


def _my_domain(typed: str) -> str | None:
    """`acme.my.salesforce.com`, with or without https:// before it, as an origin."""
    try:
        found = origin(typed if "://" in typed else f"https://{typed}")
    except ValueError:
        return None
    return found if is_salesforce(found) and found not in (PRODUCTION, SANDBOX) else None
