"""What a form sent, within limits."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_LARGEST = 64 * 1024


async def read_form(request: Request, most: int = _LARGEST) -> dict[str, str]:
    """The fields of a URL-encoded form, the last of each name. 413 above `most` bytes. NUL, which databases refuse,
    is dropped."""
    try:
        sent = parse_qsl(
            (await read_body(request, most)).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100
        )
    except ValueError:
        raise HTTPException(400) from None
    return {name: value.replace("\0", "") for name, value in sent}


async def read_body(request: Request, most: int) -> bytes:
    """413 as soon as more than `most` bytes have come."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > most:
            raise HTTPException(413)
    return bytes(received)
