"""What a form sent, within limits."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

_LARGEST = 64 * 1024


async def read_form(request: Request, most: int = _LARGEST) -> dict[str, str]:
    """The fields of a URL-encoded form, the last of each name. 413 above `most` bytes, 400 for what is not UTF-8. NUL,
    which databases refuse, is dropped."""
    body = await read_body(request, most)
    try:
        sent = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise HTTPException(400) from None
    return {name: value.replace("\0", "") for name, value in sent}


async def read_body(request: Request, most: int) -> bytes:
    """413 as soon as more than `most` bytes have come. 400, for nobody to read, where the browser goes away."""
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > most:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(received)
