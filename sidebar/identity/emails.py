"""E-mail addresses → keys: the address as mail systems compare it. Pure."""

import re
from contextlib import suppress
from urllib.parse import unquote

from sidebar.identity.key import Key
from sidebar.identity.signs import narrow, visible

LONGEST_EMAIL = 254  # RFC 5321's path; Salesforce keeps 80
_LONGEST_WRITTEN = 1_000  # with a name before it, or the subject of a mail after it
_NAMED = re.compile(r"[^<>]*<\s*([^<>]*?)\s*>[\s,;.]*")
_COMMENTED = re.compile(r"([^()]*?)\s*\([^()]*\)\s*")
_APOSTROPHES = re.compile(r"(['\u2018\u201c\"])([^\s'\"\u2019\u201d][^\s\"\u2019\u201d]*)(['\u2019\u201d\"])")
_ADDRESS = re.compile(
    r'("(?:[^"\\\x00-\x1f\x7f-\x9f]|\\[^\x00-\x1f\x7f-\x9f])+"|[^@\s<>"\x00-\x1f\x7f-\x9f]+)\s*@\s*(\S+)'
)
_LABEL = re.compile(r"(?!-)[^@\s.<>()\[\],;:\"\\\x00-\x2c\x2f\x7f-\xa0]{1,63}(?<!-)")
_QUOTED_IN_VAIN = re.compile(r"[\w!#$%&'*+/=?^`{|}~.\-]+")


def email_key(raw: str) -> str | None:
    """`" Ann@Example.COM "` → `"ann@example.com"`; None where it is no address."""
    keys = email_keys(raw)
    return keys[0].value if keys else None


def email_keys(raw: str) -> tuple[Key, ...]:
    """`"Ann <ann+news@x.com>"` → the strong key "ann+news@x.com" and the weak one "ann@x.com"."""
    if len(raw) > _LONGEST_WRITTEN:
        return ()
    found = _ADDRESS.fullmatch(_bare(narrow(visible(raw))))
    local, domain = (_local(found[1]), _domain(found[2])) if found else ("", "")
    if not local or not domain or len(local) + len(domain) >= LONGEST_EMAIL:
        return ()
    untagged = "" if local.startswith('"') else local.partition("+")[0]
    weak = (Key("email", f"{untagged}@{domain}", strong=False),) if untagged not in ("", local) else ()
    return (Key("email", f"{local}@{domain}"), *weak)


def email_spellings(key: str) -> tuple[str, ...]:
    """The texts under which the address behind a key may be kept: its domain in letters, and as the wire has it."""
    local, _, domain = key.rpartition("@")
    return tuple(dict.fromkeys((key, f"{local}@{'.'.join(map(_on_the_wire, domain.split('.')))}")))


def _bare(text: str) -> str:
    """Without the name before it, the comment behind it, the scheme of a link and what the link asks for."""
    for shape in (_NAMED, _COMMENTED):
        if found := shape.fullmatch(text):
            text = found[1]
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    text = text.strip(" \t\r\n,;")
    if (found := _APOSTROPHES.fullmatch(text)) and "@" in found[2]:
        text = found[2]
    return text


def _local(written: str) -> str:
    """Quotes and backslashes that are not needed say nothing. Not casefold: weiß@ and weiss@ are two mailboxes."""
    if written.startswith('"'):
        content = re.sub(r"\\(.)", r"\1", written[1:-1])
        needless = _QUOTED_IN_VAIN.fullmatch(content) and not re.search(r"^\.|\.\.|\.$", content)
        escaped = re.sub(r'(["\\])', r"\\\1", content)
        written = content if needless else f'"{escaped}"'
    return narrow(written.lower())


def _domain(written: str) -> str:
    """In letters, whichever way it came; empty where it is none."""
    labels = narrow(written.removesuffix(".").lower()).split(".")
    read = [_in_letters(label) for label in labels]
    return ".".join(read) if len(read) > 1 and all(map(_LABEL.fullmatch, read)) else ""


def _in_letters(label: str) -> str:
    if label.startswith("xn--"):
        with suppress(UnicodeError):
            read = narrow(label[4:].encode().decode("punycode").lower())
            return read if _on_the_wire(read) == label else label
    return label


def _on_the_wire(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
