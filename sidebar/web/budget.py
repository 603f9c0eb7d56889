"""The page that tells what an org's API calls are spent on, and when they would be used up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sidebar.orgs.budget import HOUR, LANES, RESERVES, Budget
from sidebar.orgs.forecast import spent_at
from sidebar.store import calls, connections
from sidebar.store.calls import Told
from sidebar.store.connections import Salesforce
from sidebar.store.database import Database
from sidebar.web.desk import Desk, for_admins, language
from sidebar.web.guard import Session
from sidebar.web.words import Words

_DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Spending:
    """Of an org within 24 hours. `others`: calls that are not ours, as far as Salesforce told."""

    last: Told
    ours: Mapping[str, int]
    spent_at: int | None

    @property
    def all_ours(self) -> int:
        return sum(self.ours.values())

    @property
    def others(self) -> int:
        return max(0, self.last.used - self.all_ours)

    @property
    def lines(self) -> Sequence[tuple[str, int]]:
        """What for, and how many; the dearest first."""
        return sorted(self.ours.items(), key=lambda each: -each[1])

    @property
    def dearest(self) -> str:
        """What most calls are for; "others" where other programs need more than anything of ours."""
        purpose, number = self.lines[0] if self.ours else ("", 0)
        return "others" if self.others > number else purpose

    @property
    def waiting(self) -> Sequence[str]:
        """Which lanes wait at present."""
        return [lane for lane, reserve in RESERVES.items() if self.last.share >= reserve and lane != "agent"]


class BudgetPage:
    def __init__(self, *, desk: Desk, database: Database, budget: Budget, clock: Callable[[], int]) -> None:
        self.desk = desk
        self._database = database
        self._budget = budget
        self._clock = clock

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        now = self._clock()
        await self._budget.write()  # of the calls of other processes the latest may be missing yet
        async with self._database.read() as connection:
            salesforce = await connections.of(connection, session.workspace_id)
        spending = await self._spending(salesforce, now) if salesforce and salesforce.grant else None
        words = Words(now, language(request))
        return self.desk.page(
            request,
            "budget.html",
            salesforce=salesforce,
            spending=spending,
            words=words,
            lanes=LANES,
            reserves=RESERVES,
        )

    async def _spending(self, salesforce: Salesforce, now: int) -> Spending | None:
        assert salesforce.grant is not None
        org_id = salesforce.grant.org_id
        async with self._database.read() as connection:
            told = await calls.told(connection, org_id, now - _DAY)
            ours = await calls.spent(connection, org_id, now - _DAY)
        return Spending(told[-1], ours, spent_at(told, now)) if told else None
