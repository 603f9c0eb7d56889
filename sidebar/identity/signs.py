"""Signs of every script → those that addresses are compared by. Pure."""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)  # comes with pasted text
_ALIKE = str.maketrans({"ー": "-", "−": "-", "×": "x", "✕": "x", "〇": "0"})  # kana and kanji people type among digits
_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: " ", 0x3002: ".", 0xFF61: "."}


def visible(raw: str) -> str:
    return raw.strip() if raw.isascii() else _INVISIBLE.sub("", raw).strip()


def readable(raw: str) -> str:
    """Of a phone number: digits of every script become 0 to 9, ligatures and wide letters plain ones."""
    if raw.isascii():
        return raw.strip()
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", raw).translate(_ALIKE))
    return "".join(map(_digit, plain)).strip()


def narrow(text: str) -> str:
    """Of an e-mail address: wide letters and signs become plain ones; nothing else changes, for ﬁ@ and fi@ are two."""
    return unicodedata.normalize("NFC", text.translate(_WIDE))


def _digit(sign: str) -> str:
    value = unicodedata.digit(sign, None)
    return sign if value is None else str(value)
