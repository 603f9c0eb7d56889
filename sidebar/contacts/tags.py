"""Tags of local contacts: which may be given and taken by hand. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence

SYSTEM = "Auto-create: Salesforce"
"""On contacts that were created by themselves. Nobody gives, renames or takes it by hand (RI-27)."""

MOST, LONGEST = 20, 50

_JOINERS = "\u200c\u200d"  # letters of Persian, and emoji, are written with them
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # neither seen nor told to be by their categories
_VARIANTS = "\u180b\u180c\u180d\u180f" + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
_UNSEEN = dict.fromkeys(map(ord, _JOINERS + _BLANK + _VARIANTS))


class Refused(Exception):
    """Nothing was changed. `reason`: "system", "empty", "long", "many", "signs" or "there"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def added(tags: Sequence[str], typed: str) -> tuple[str, ...]:
    """The tags with one more, or as they were where they have it already. Raises Refused."""
    return changed(tags, [*tags, typed])


def removed(tags: Sequence[str], tag: str) -> tuple[str, ...]:
    """Raises Refused."""
    return changed(tags, [each for each in tags if each != tag])


def changed(before: Sequence[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """The tags as `wanted`, each once. Raises Refused."""
    kept: dict[str, str] = {}
    for each in map(_read, wanted):
        kept.setdefault(_essence(each), each)
    if (_essence(SYSTEM) in kept) != (SYSTEM in before):
        raise Refused("system")
    if len(kept) > MOST:
        raise Refused("many")
    return tuple(SYSTEM if key == _essence(SYSTEM) else tag for key, tag in kept.items())


def _read(typed: str) -> str:
    tag = " ".join(unicodedata.normalize("NFC", typed).split())
    if not tag:
        raise Refused("empty")
    if len(tag) > LONGEST:
        raise Refused("long")
    if not all(sign in _JOINERS or (sign.isprintable() and sign not in _BLANK) for sign in tag) or not _essence(tag):
        raise Refused("signs")
    return tag


def _essence(tag: str) -> str:
    """What makes two tags one: neither case nor width does, nor the kind of a dash, nor what cannot be seen."""
    plain = unicodedata.normalize("NFKC", tag.translate(_UNSEEN)).casefold()
    return "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in plain)
