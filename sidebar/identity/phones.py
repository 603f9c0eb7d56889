"""Phone numbers → keys: in E.164 ("+442079460123") where a numbering plan can be told, else by their digits. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from sidebar.identity.ends import END
from sidebar.identity.key import TAIL, Key
from sidebar.identity.lines import Line, lines
from sidebar.identity.plans import INSIDE, guesses, readings
from sidebar.identity.renumbered import alike

MOST_DIGITS = 24  # E.164 has 15 and an extension may follow; anything longer is not a phone number
FEWEST_DIGITS = 2  # Salesforce does not search for less


def phone_key(raw: str, regions: Iterable[str]) -> str | None:
    """The first of its keys: what the number is, read by the first of `regions` ("DE", "US") whose plan it fits."""
    return next((key.value for key in phone_keys(raw, tuple(regions))), None)


def phone_keys(raw: str, regions: Sequence[str]) -> tuple[Key, ...]:
    """`"020 7946 0123 ext 12"` → the strong key "+442079460123;ext=12", and the weak "+442079460123", "~9460123"."""
    plans = tuple(dict.fromkeys(filter(None, regions)))
    found = [key for line in lines(raw, plans) for key in _of_line(line, plans)]
    strong = {key for key in found if key.strong}
    return tuple(dict.fromkeys(key for key in found if key.strong or Key(key.kind, key.value) not in strong))


def dialled(raw: str) -> str:
    """What a telephone is given: `"(0044) 1632 960 123"` → `"+441632960123"`; an extension is left to the person."""
    line = next(iter(lines(raw, ())), Line(""))
    return line.number or (line.digits.removeprefix("+") if len(line.digits) >= FEWEST_DIGITS else "")


def _of_line(line: Line, regions: Sequence[str]) -> Iterator[Key]:
    digits = line.digits.removeprefix("+")
    if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        yield from _known(line, regions) if line.number else _unknown(line, regions)


def _known(line: Line, regions: Sequence[str]) -> Iterator[Key]:
    yield from _inside(line.number, line)
    others = () if line.digits.startswith("+") or len(regions) < 2 else readings(line.digits, regions)
    for each in (*others, *alike(line.number)):
        if each != line.number:
            yield _weak(each)
    yield from _tail(line.number)


def _unknown(line: Line, regions: Sequence[str]) -> Iterator[Key]:
    digits = line.digits.removeprefix("+")
    if line.context:
        yield from (Key("phone", f"{digits};phone-context={line.context}"), _weak(digits))
    elif digits == line.digits and len(digits) <= INSIDE and not line.is_vague:
        yield from _inside(digits, line)
    else:
        yield from map(_weak, (digits, *guesses(line.digits, regions)))
        yield from _tail(digits)


def _inside(number: str, line: Line) -> Iterator[Key]:
    """A line behind a switchboard is not the switchboard."""
    if line.extension:
        yield Key("phone", f"{number};ext={line.extension}")
        yield _weak(number)
    else:
        yield Key("phone", number)


def _tail(number: str) -> Iterator[Key]:
    digits = number.removeprefix("+")
    if len(digits) >= END:
        yield _weak(TAIL + digits[-END:])


def _weak(value: str) -> Key:
    return Key("phone", value, strong=False)
