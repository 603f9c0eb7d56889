"""Whose token is this: the identity URL and userinfo. A bad token is one word of plain text, not a JSON error."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sidebar.twin import ids
from sidebar.twin.answers import UNAVAILABLE, answer, refusal
from sidebar.twin.org import Org, Row, User

_SERVICES = {
    "enterprise": "/services/Soap/c/{version}/",
    "metadata": "/services/Soap/m/{version}/",
    "partner": "/services/Soap/u/{version}/",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
}


def identity(org: Org, request: Request) -> Response:
    user = _owner(org, request)
    if isinstance(user, Response):
        return user
    if ids.full(request.path_params["org"]) != org.id:
        return PlainTextResponse("Wrong_Org", 403)
    asked = org.users.get(ids.full(request.path_params["user"]) or "")
    if asked is None or (asked != user and user.profile != org.admin.profile):
        return PlainTextResponse("Bad_Id", 403)
    return answer(_identity(org, asked, request.query_params.get("version")))


def userinfo(org: Org, request: Request) -> Response:
    user = _owner(org, request)
    if isinstance(user, Response):
        return user
    shared = _person(org, user)
    about: Row = {
        "sub": _url(org, user),
        "preferred_username": user.username,
        "nickname": user.username.partition("@")[0],
        "name": user.name,
        "zoneinfo": "GMT",
        "urls": _urls(org, user, None),
    }
    return answer(about | shared)


def _owner(org: Org, request: Request) -> User | Response:
    if org.faults.unavailable:
        return refusal(UNAVAILABLE)
    _, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        return PlainTextResponse("Missing_OAuth_Token", 403)
    return org.session(token.strip()) or PlainTextResponse("Bad_OAuth_Token", 403)


def _identity(org: Org, user: User, version: str | None) -> Row:
    url = _url(org, user)
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
    stamped = str(org.tables["User"].live[user.id]["LastModifiedDate"]).replace(".000+0000", "Z")
    last: Row = {"last_modified_date": stamped, "is_app_installed": True}
    return about | _person(org, user) | last


def _person(org: Org, user: User) -> Row:
    first, _, last = user.name.rpartition(" ")
    photo = f"{org.instance_url}/profilephoto/005"
    return {
        "user_id": user.id,
        "organization_id": org.id,
        "email": user.email,
        "email_verified": True,
        "first_name": first,
        "last_name": last,
        "photos": {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_GB",
        "utcOffset": 0,
    }


def _url(org: Org, user: User) -> str:
    return f"{org.instance_url}/id/{org.id}/{user.id}"


def _urls(org: Org, user: User, version: str | None) -> Row:
    """Addresses of the services; `{version}` stands in them as it is unless a version was asked for."""
    ends = {name: path + (org.id[:15] if "Soap" in path else "") for name, path in _SERVICES.items()}
    urls: Row = {
        name: org.instance_url + (path.replace("{version}", version) if version else path)
        for name, path in ends.items()
    }
    return urls | {"profile": f"{org.instance_url}/{user.id}", "custom_domain": org.instance_url}
