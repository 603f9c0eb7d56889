"""What the org says of itself: its versions, objects and fields."""

import re
import zlib

from starlette.responses import Response

from sidebar.twin import moments
from sidebar.twin.answers import answer, empty
from sidebar.twin.org import describe
from sidebar.twin.rest.call import NUMBERS, Call, Resources

_ADDRESSES = (
    "composite",
    "jobs",
    "limits",
    "parameterizedSearch",
    "query",
    "queryAll",
    "recent",
    "search",
    "sobjects",
    "tooling",
    "ui-api",
)
_SEASONS = ("Winter", "Spring", "Summer")


def versions() -> list[dict[str, str]]:
    """Winter '26 is 65.0; three releases a year."""
    return [
        {
            "label": f"{_SEASONS[(n - 65) % 3]} '{26 + (n - 65) // 3}",
            "url": f"/services/data/v{n}.0",
            "version": f"{n}.0",
        }
        for n in NUMBERS
    ]


def list_resources(call: Call) -> Response:
    """Addresses below this version; the identity is that of the caller, elsewhere and in full."""
    addresses = {name: f"{call.root}/{name}" for name in _ADDRESSES}
    return answer(addresses | {"identity": call.org.identity(call.user.id)})


def list_sobjects(call: Call) -> Response:
    entries = [describe.summary(sobject, call.version) for sobject in call.org.sobjects(call.user)]
    return _unless_known(call, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": entries})


def show_sobject(call: Call) -> Response:
    return answer(
        {"objectDescribe": describe.summary(call.org.sobject(call.args[0], call.user), call.version), "recentItems": []}
    )


def describe_sobject(call: Call) -> Response:
    return _unless_known(call, call.org.describe(call.user, call.args[0], call.version))


def _unless_known(call: Call, content: object) -> Response:
    """304 for who has seen the metadata since objects or fields last changed."""
    described = call.org.described
    headers = {"Last-Modified": moments.http_date(described), "ETag": f'"{zlib.crc32(str(described).encode()):08x}"'}
    since = call.moment("if-modified-since")
    known = since is not None and described // 1000 <= since // 1000
    return empty(304, headers) if known else answer(content, headers=headers)


RESOURCES: Resources = [
    (re.compile(r""), {"GET": list_resources}),
    (re.compile(r"/sobjects"), {"GET": list_sobjects}),
    (re.compile(r"/sobjects/([^/]+)/describe"), {"GET": describe_sobject}),
]
