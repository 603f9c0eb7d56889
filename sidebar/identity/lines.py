"""What stands in a field for phone numbers → the lines it names, each with its extension. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import ascii_letters

from sidebar.identity.links import Link, read_link
from sidebar.identity.plans import INSIDE, has_trunk_prefix, known
from sidebar.identity.signs import readable

LONGEST_PHONE = 250
_MOST = 8  # numbers in one field
_FEWEST = 7  # digits by which a second number is told from an extension
_PLAIN = re.compile(r"[+(]*\d[\d ().\-]*")
_MASKED = re.compile(r"(?<![^\W\d_])[xX]{2,}(?![^\W\d_])|\*{2,}|\.{3,}\d")
_BLANK_CARRIER = re.compile(r"\b0[xX]{2}(?=\W*\d)")  # Brazilians write 0xx11 5557-4310
_CODE_BEFORE = re.compile(r"\A[*#]\d\d[#*]?\s")  # do not show my number
_LABEL_BEFORE = re.compile(r"\A[^\W\d][^\d+(]*(?:\d\s*:)?(?=[\d\s+(]*\d)")
BETWEEN = re.compile(r"([\n/|;,&]|[^\W\d_]+(?=[^\d+]*[\d+])|(?<=\d)\s+(?=\+))")
LABELLED = re.compile(
    r"(?P<main>[^\w#;,~]*\d(?:[^\w#;,~]*\d)*)[^\w#;,~]*(?P<label>[^\W\d_]|[#;,~])\D*(?P<inside>\d{1,7})\D*"
)
TRAILING = re.compile(r"(?P<main>.*\d)[\s)]*[\s/(\[\-]+(?P<inside>\d{1,6})[\s)\]]*", re.DOTALL)
_SPELT = re.compile(r"[A-Za-z]{3,}")
_REMARK = re.compile(
    "home|work|cell|mobile|mob|main|fax|office|direct|desk|phone|tel|private|other|day|night|new|old|sms|whatsapp",
    re.IGNORECASE,
)  # words on phones that nobody spells a number with
_MOST_UNHEARD = 3  # letters
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


@dataclass(frozen=True, slots=True)
class Line:
    """`digits` as typed, with + where it was; `number`: in E.164 where a plan tells; `context`: whose inside number;
    `is_vague`: it is not told what else was written."""

    digits: str
    number: str = ""
    extension: str = ""
    context: str = ""
    is_vague: bool = False


def lines(raw: str, regions: Sequence[str]) -> list[Line]:
    if len(raw) > LONGEST_PHONE:
        return []
    text = readable(raw)
    if _PLAIN.fullmatch(text):
        return [_whole(text, regions)]
    link = read_link(text)
    if link.extension or link.context:
        return [_linked(link, regions)]
    text = _CODE_BEFORE.sub("", _BLANK_CARRIER.sub("0", link.number), count=1)
    return [] if _MASKED.search(text) else _several(text, regions)


def _several(text: str, regions: Sequence[str]) -> list[Line]:
    """Cut where a whole number begins; else one; else cut where there are too many digits for an extension."""
    parts = BETWEEN.split(text)
    if len(parts) >= 2 * _MOST:
        return [_one(text, regions)]
    cut = _cut(parts, regions, lambda part: has_trunk_prefix(dialled_in(part), regions))
    if all(line.number for line in cut):
        return cut
    whole = cut[0] if len(cut) == 1 else _one(text, regions)
    return [whole] if whole.number else _cut(parts, regions, lambda _part: True)


def _cut(parts: Sequence[str], regions: Sequence[str], begins: Callable[[str], bool]) -> list[Line]:
    found: list[Line] = []
    text = parts[0]
    for between, part in zip(parts[1::2], parts[2::2], strict=True):
        if len(dialled_in(part)) >= _FEWEST and begins(part) and (line := _one(text, regions)).number:
            found.append(line)
            text = part
        else:
            text += between + part
    return [*found, _one(text, regions)]


def _one(text: str, regions: Sequence[str]) -> Line:
    """By the number before what is called an extension; else by all its digits; or by the letters on the keys."""
    text = _LABEL_BEFORE.sub("", text.strip(), count=1)
    labelled = LABELLED.fullmatch(text)
    if labelled and (labelled["label"].isalpha() or len(dialled_in(labelled["main"])) > INSIDE):
        line = _extended(labelled, regions)
    else:
        line = _vague(_whole(text, regions), text)
    return line if line.number else _spelt(text, regions) or line


def _whole(text: str, regions: Sequence[str]) -> Line:
    """By all its digits; where those are too many, with what stands apart behind them as an extension."""
    digits = dialled_in(text)
    line = Line(digits, known(digits, regions))
    if line.number or len(digits) <= INSIDE or digits.startswith("00") or not (trailing := TRAILING.fullmatch(text)):
        return line
    extended = _extended(trailing, regions)
    return extended if extended.number else line


def _extended(found: re.Match[str], regions: Sequence[str]) -> Line:
    digits = dialled_in(found["main"])
    return Line(digits, known(digits, regions), found["inside"])


def _vague(line: Line, text: str) -> Line:
    words = () if line.number else re.findall(r"[^\W\d_]+", text)
    return line if all(map(_REMARK.fullmatch, words)) else replace(line, is_vague=True)


def _spelt(text: str, regions: Sequence[str]) -> Line | None:
    """Words often have letters to spare, which no exchange hears."""
    words = _SPELT.findall(text)
    if not words or any(map(_REMARK.fullmatch, words)):
        return None
    text = text.rstrip(" .)")
    spare = len(text) - len(text.rstrip(ascii_letters))
    heard = (dialled_in(keyed(text[: len(text) - unheard])) for unheard in range(min(spare, _MOST_UNHEARD) + 1))
    return next((Line(digits, number) for digits in heard if (number := known(digits, regions))), None)


def _linked(link: Link, regions: Sequence[str]) -> Line:
    digits = dialled_in(link.number)
    return Line(digits, "" if link.context else known(digits, regions), link.extension, link.context)


def keyed(text: str) -> str:
    """Letters as the digits of the keys they are on."""
    return text.upper().translate(_KEYPAD)


def dialled_in(text: str) -> str:
    """Its digits, with + where it stands before them."""
    digits = re.sub(r"\D", "", text)
    return f"+{digits}" if re.match(r"[^\d+]*\+", text) else digits
