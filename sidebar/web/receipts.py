"""The page of one receipt: why a look-up gave its answer, what people said by hand, and what it would give today."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sidebar.contacts import receipts as kept_receipts
from sidebar.contacts.lookup import Lookup
from sidebar.contacts.picks import Word, word_of
from sidebar.contacts.receipt import Receipt
from sidebar.identity import Identity
from sidebar.orgs import Orgs
from sidebar.store import picks, receipts, workspaces
from sidebar.store.database import Database
from sidebar.store.picks import Pick
from sidebar.store.receipts import Kept
from sidebar.web.desk import Desk, for_admins, language
from sidebar.web.guard import Session
from sidebar.web.match import Why, day
from sidebar.web.trouble import PROBLEMS, Trouble, trouble_of


class ReceiptPage:
    def __init__(self, *, desk: Desk, database: Database, orgs: Orgs, lookup: Lookup) -> None:
        self.desk = desk
        self._database = database
        self._orgs = orgs
        self._lookup = lookup

    @for_admins
    async def page(self, request: Request, session: Session) -> Response:
        """GET /admin/receipts/{id}"""
        return await self._page(request, *await self._kept(request, session))

    @for_admins
    async def replay(self, request: Request, session: Session) -> Response:
        """POST /admin/receipts/{id}: the same question again, with today's data, policy and words of people."""
        kept, said = await self._kept(request, session)
        if kept.masked:
            return await self._page(request, kept, said)
        try:
            return await self._page(request, kept, said, today=await self._again(kept, said))
        except PROBLEMS as problem:
            trouble = trouble_of(problem)
            return await self._page(request, kept, said, trouble=trouble, status=trouble.status)

    async def _again(self, kept: Kept, said: list[Pick]) -> Receipt:
        before = kept_receipts.read(kept.receipt)
        async with self._database.read() as connection:
            workspace = await workspaces.by_id(connection, kept.workspace_id)
        assert workspace is not None
        emails, phones = (tuple(each.raw for each in before.inputs if each.kind == kind) for kind in ("email", "phone"))
        customer = Identity(emails, phones, country=before.country)
        return (await self._lookup.match(workspace, customer, word_of(said).told, fresh=True)).receipt

    async def _kept(self, request: Request, session: Session) -> tuple[Kept, list[Pick]]:
        """The receipt, and everything that was ever said of its customer by hand."""
        async with self._database.read() as connection:
            kept = await receipts.by_id(connection, session.workspace_id, request.path_params["id"])
            if kept is None:
                raise HTTPException(404)
            said = await picks.of_customer(connection, kept.workspace_id, kept.customer) if kept.customer else []
        return kept, said

    async def _page(
        self,
        request: Request,
        kept: Kept,
        said: list[Pick],
        *,
        today: Receipt | None = None,
        trouble: Trouble | None = None,
        status: int = 200,
    ) -> Response:
        held = await self._orgs.connection(kept.workspace_id)
        grant = held.grant if held else None
        return self.desk.page(
            request,
            "receipt.html",
            status=status,
            kept=kept,
            said=said,
            then=_why(kept.receipt, language(request)),
            today=Why(today, Word(), language(request)) if today else None,
            trouble=trouble,
            day=partial(day, language=language(request)),
            instance_url=grant.instance_url if grant else "",
        )


def _why(receipt: object, language: str) -> Why | None:
    """None where another version wrote it."""
    try:
        return Why(kept_receipts.read(receipt), Word(), language)
    except ValueError:
        return None
