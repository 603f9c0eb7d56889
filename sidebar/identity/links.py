"""Links that dial a number (RFC 3966 and what messengers make of it) → the number and what was said about it. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

_SCHEME = re.compile(r"(?:tel|callto|sips?|sms|fax|phone|whatsapp|skype|facetime):(?://)?", re.IGNORECASE)
_CHAT = re.compile(
    r"(?:https?://)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?phone=)(?:\+|%2b)?(\d+)\b.*", re.IGNORECASE
)
_ACCOUNT = re.compile(r"\+?(\d{7,15})(?::\d+)?@(?:c\.us|s\.whatsapp\.net)", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_PARAMETER = re.compile(r";([a-z-]+)(?:=([^;]*))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """`context`: the domain inside which a short number is one; a context of digits goes before the number."""

    number: str
    extension: str = ""
    context: str = ""


def read_link(text: str) -> Link:
    """What is no link is its own number."""
    if chat := _CHAT.fullmatch(text) or _ACCOUNT.fullmatch(text):
        return Link(f"+{chat[1]}")
    if scheme := _SCHEME.match(text):
        text = unquote(text[scheme.end() :])
        text = re.sub(r"[@?].*", "", text) + "".join(
            re.findall(r";(?:ext|phone-context)=[^;?]*", text.partition("@")[2])
        )
    said = {name.lower(): value for name, value in _PARAMETER.findall(text)}
    if not said.keys() & {"ext", "phone-context", "isub", "user", "postd", "npdi", "rn", "cic"}:
        return Link(text)
    extension = re.sub(r"\D", "", said.get("ext", ""))[:7]
    number, context = text.partition(";")[0], said.get("phone-context", "").strip().lower()
    if context.startswith("+") and not number.startswith("+"):
        return Link(context + number, extension)
    is_inside = _DOMAIN.fullmatch(context) and not number.startswith("+")
    return Link(number, extension, context if is_inside else "")
