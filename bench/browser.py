"""Click to fields painted: the demo inbox in a real Chromium, beside a bare page that paints the same bytes.

Both moments are taken inside the browser: the click's own time stamp in the inbox, and the second animation frame after
the expected card stands in the panel's document.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.async_api import Frame, Page, Response, async_playwright

from bench.figures import Figure, quantile
from bench.ground import Ground

BARE = "a bare page: click, message to its frame, fetch the same bytes from a Starlette route, paint; same run"
DWELL_SECONDS = 0.1  # between reaching a row and clicking it; a hand takes longer
_WIDE = {"width": 1280, "height": 800}
_NOTE_CLICKS = (
    "addEventListener('click', (event) => { window.clicked = performance.timeOrigin + event.timeStamp; }, true)"
)
_NOTE_PAINT = """(id) => {
  window.painted = new Promise((done) => {
    const card = `#contact #record[data-record="${id}"]`;
    const look = () => document.querySelector(card) && (observer.disconnect(), frames());
    const frames = () => requestAnimationFrame(() => requestAnimationFrame(
      () => done(performance.timeOrigin + performance.now())));
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
  });
}"""

_NAMES = "() => [...document.querySelectorAll('.row')].map((row) => row.dataset.conversation)"


@dataclass(slots=True)
class Series:
    """Milliseconds from click to paint, each beside its bare twin, and Salesforce calls per open."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Card:
    """What a conversation of the inbox leads to: one record, and the answer that shows it."""

    conversation: str
    record: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A page with rows to click and a panel in a frame."""

    page: Page
    frame: str

    async def open(self, card: Card) -> float:
        """Milliseconds from the click to the painted card."""
        row = self.page.locator(f'button[data-conversation="{card.conversation}"]')
        await self.page.bring_to_front()
        await row.hover()
        await asyncio.sleep(DWELL_SECONDS)
        panel = await self.panel()
        await panel.evaluate(_NOTE_PAINT, card.record)
        await row.click()
        painted = await asyncio.wait_for(panel.evaluate("() => window.painted"), 20)
        return float(painted) - float(await self.page.evaluate("() => window.clicked"))

    async def panel(self) -> Frame:
        element = await self.page.wait_for_selector(self.frame)
        panel = await element.content_frame() if element else None
        if panel is None:
            raise RuntimeError("The page frames no panel")
        return panel

    async def settle(self) -> str:
        """Wait until the panel shows an answer; the record's id, or nothing where it is no card."""
        panel = await self.panel()
        await panel.wait_for_selector('#contact[aria-busy="false"]')
        return str(await panel.evaluate("() => document.querySelector('#record')?.dataset.record ?? ''"))


async def measure(
    ground: Ground, chromium: str, say: Callable[[str], None], rounds: int = 6, cached: int = 10
) -> list[Figure]:
    """Each round: the minute passes, the inbox is loaded anew, every other card is opened cold, then `cached` opens of
    what is now remembered. The same rounds without cached opens follow with 150 ms at Salesforce."""
    async with _screens(ground, chromium) as (inbox, bare, cards):
        cold, warm, far = Series(), Series(), Series()
        for number in range(rounds):
            say(f"click to paint, round {number + 1} of {rounds}")
            last = await _round(ground, inbox, bare, cards, cold, random.Random(number))
            for card in _cycle(cards, cached, last):
                await _sample(ground, inbox, bare, card, warm)
        ground.stage.twin.org.faults.switch({"latency_ms": 150})
        for number in range(rounds):
            say(f"the same with 150 ms at Salesforce, round {number + 1} of {rounds}")
            await _round(ground, inbox, bare, cards, far, random.Random(number))
        ground.stage.twin.org.faults.switch({"latency_ms": 0})
    return [
        *_figures("cached", "the record is remembered", warm),
        *_figures("cold", "nothing of the record is remembered; Salesforce answers without delay", cold),
        *_figures("cold_150ms", "nothing of the record is remembered; Salesforce takes 150 ms per answer", far),
    ]


async def _round(
    ground: Ground, inbox: Screen, bare: Screen, cards: Sequence[Card], series: Series, rng: random.Random
) -> Card:
    """The card that was opened last."""
    await ground.pass_seconds(61)
    await inbox.page.goto(ground.inbox_url)
    first = await inbox.settle()
    others = [card for card in cards if card.record != first]
    order = rng.sample(others, len(others))
    for card in order:
        await _sample(ground, inbox, bare, card, series)
    return order[-1]


async def _sample(ground: Ground, inbox: Screen, bare: Screen, card: Card, series: Series) -> None:
    before = ground.salesforce_calls()
    series.ours.append(await inbox.open(card))
    series.calls.append(ground.salesforce_calls() - before)
    series.bare.append(await bare.open(card))


def _cycle(cards: Sequence[Card], count: int, last: Card) -> Sequence[Card]:
    """Round and round, beginning after `last`: what a click leads to is never on screen already."""
    first = cards.index(last) + 1
    return [cards[(first + number) % len(cards)] for number in range(count)]


@asynccontextmanager
async def _screens(ground: Ground, chromium: str) -> AsyncIterator[tuple[Screen, Screen, Sequence[Card]]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium)
        inbox = await _screen(await browser.new_page(viewport=_WIDE), "#frame")  # type: ignore[arg-type]
        cards = await _cards(ground, inbox)
        bare = await _screen(await browser.new_page(viewport=_WIDE), "#frame")  # type: ignore[arg-type]
        names = urlencode([("name", card.conversation) for card in cards])
        await bare.page.goto(f"http://127.0.0.1:{ground.bare.port}/host?{names}")
        yield inbox, bare, cards
        await browser.close()


async def _screen(page: Page, frame: str) -> Screen:
    await page.add_init_script(_NOTE_CLICKS)
    return Screen(page, frame)


async def _cards(ground: Ground, inbox: Screen) -> Sequence[Card]:
    """Look through the whole inbox once: who has a card, and which bytes paint it; the bare server learns those."""
    answers: list[Response] = []
    inbox.page.on("response", lambda response: answers.append(response) if response.url.endswith("/match") else None)
    await inbox.page.goto(ground.inbox_url)
    await inbox.settle()
    cards: dict[str, Card] = {}
    for name in await inbox.page.evaluate(
        "() => [...document.querySelectorAll('.row')].map((r) => r.dataset.conversation)"
    ):
        answers.clear()
        await inbox.page.locator(f'button[data-conversation="{name}"]').click()
        await _until(lambda: bool(answers))
        record = await inbox.settle()
        if record and record not in cards:
            cards[record] = Card(name, record)
            await ground.bare.tell(json.dumps({"name": name, **await _learnt(answers[-1])}))
    return list(cards.values())


async def _learnt(answer: Response) -> Mapping[str, object]:
    unwanted = ("date", "content-length")
    headers = {name: value for name, value in answer.headers.items() if name not in unwanted}
    return {"status": answer.status, "headers": headers, "body": await answer.text()}


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110 - events of the browser have no other door
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


def _figures(name: str, when: str, series: Series) -> list[Figure]:
    return [_figure(f"open_{name}_p{round(share * 100)}", share, when, series) for share in (0.5, 0.95)]


def _figure(name: str, share: float, when: str, series: Series) -> Figure:
    ours, bare = quantile(series.ours, share), quantile(series.bare, share)
    return Figure(
        name=name,
        what=f"click to fields painted in Chromium; {when}",
        figure=round(ours, 1),
        unit="ms",
        baseline=round(bare, 1),
        baseline_is=BARE,
        ratio=round(ours / bare, 3),
        samples=len(series.ours),
        notes={"salesforce_calls_per_open": round(sum(series.calls) / len(series.calls), 2)},
    )
