"""Whose token is this: the identity URL and userinfo. A bad token is one word, not a JSON error, and called HTML."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sidebar.twin import ids
from sidebar.twin.answers import UNAVAILABLE, answer, refusal
from sidebar.twin.org import Org, Row, User
from sidebar.twin.org.describe import NEWEST

_SERVICES = {
    "enterprise": "/services/Soap/c/{version}/",
    "metadata": "/services/Soap/m/{version}/",
    "partner": "/services/Soap/u/{version}/",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "feeds": "/services/data/v{version}/chatter/feeds",
    "groups": "/services/data/v{version}/chatter/groups",
    "users": "/services/data/v{version}/chatter/users",
    "feed_items": "/services/data/v{version}/chatter/feed-items",
    "feed_elements": "/services/data/v{version}/chatter/feed-elements",
}
_UNTOLD: Row = {
    **dict.fromkeys(("addr_street", "addr_city", "addr_state", "addr_country", "addr_zip", "mobile_phone")),
    "mobile_phone_verified": False,
    "is_lightning_login_user": False,
    "status": {"created_date": None, "body": None},
}


async def identity(org: Org, request: Request) -> Response:
    user = _owner(org, request)
    if isinstance(user, Response):
        return user
    if ids.full(request.path_params["org"]) != org.id:
        return _word("Wrong_Org")
    asked = org.users.get(ids.full(request.path_params["user"]) or "")
    if asked is None or (asked != user and user.profile != org.admin.profile):
        return _word("Bad_Id")
    return answer(_identity(org, asked, request.query_params.get("version")))


async def userinfo(org: Org, request: Request) -> Response:
    """The keys of OpenID Connect and Salesforce's own: there the first name is the given name."""
    user = _owner(org, request)
    if isinstance(user, Response):
        return user
    shared = _person(org, user)
    urls = _urls(org, user, None)
    about: Row = {
        "sub": org.identity(user.id),
        "preferred_username": user.username,
        "nickname": user.username.partition("@")[0],
        "name": user.name,
        "given_name": shared.pop("first_name"),
        "family_name": shared.pop("last_name"),
        "zoneinfo": "GMT",
        "profile": urls["profile"],
        "picture": _photo(org, "F"),
        "address": {"country": None},
        "is_salesforce_integration_user": False,
        "urls": urls,
        "active": True,
        "updated_at": _changed(org, user),
        "is_app_installed": True,
    }
    return answer(about | shared)


def _owner(org: Org, request: Request) -> User | Response:
    if org.faults.unavailable:
        return refusal(UNAVAILABLE)
    _, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        return _word("Missing_OAuth_Token")
    return org.session(token.strip()) or _word("Bad_OAuth_Token")


def _word(word: str) -> Response:
    return HTMLResponse(word, 403)


def _identity(org: Org, user: User, version: str | None) -> Row:
    url = org.identity(user.id)
    about: Row = {
        "id": url,
        "asserted_user": True,
        "username": user.username,
        "nick_name": user.username.partition("@")[0],
        "display_name": user.name,
        "timezone": "GMT",
        "urls": _urls(org, user, version),
        "active": True,
    }
    last: Row = {"last_modified_date": _changed(org, user), "is_app_installed": True}
    return about | _UNTOLD | _person(org, user) | last


def _person(org: Org, user: User) -> Row:
    first, _, last = user.name.rpartition(" ")
    return {
        "user_id": user.id,
        "organization_id": org.id,
        "email": user.email,
        "email_verified": True,
        "first_name": first,
        "last_name": last,
        "photos": {"picture": _photo(org, "F"), "thumbnail": _photo(org, "T")},
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_GB",
        "utcOffset": 0,
    }


def _photo(org: Org, size: str) -> str:
    return f"{org.instance_url}/profilephoto/005/{size}"


def _changed(org: Org, user: User) -> str:
    return str(org.tables["User"].live[user.id]["LastModifiedDate"]).replace(".000+0000", "Z")


def _urls(org: Org, user: User, version: str | None) -> Row:
    """Addresses of the services; `{version}` stands in them as it is unless a version, or the latest, was asked for."""
    version = NEWEST if version == "latest" else version
    ends = {name: path + (org.id[:15] if "Soap" in path else "") for name, path in _SERVICES.items()}
    urls: Row = {
        name: org.instance_url + (path.replace("{version}", version) if version else path)
        for name, path in ends.items()
    }
    return urls | {"profile": f"{org.instance_url}/{user.id}", "custom_domain": org.instance_url}
