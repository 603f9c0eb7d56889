"""What a form sent, within limits."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_LARGEST = 64 * 1024


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded form. 413 above 64 kB; NUL, which databases refuse, is dropped."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise HTTPException(413)
    sent = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: value.replace("\0", "") for name, value in sent}
