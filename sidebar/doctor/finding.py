"""What a check needs, what it finds, and how that is told."""

import asyncio
import shutil
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import httpx

from sidebar.orgs import NotConnected, Orgs
from sidebar.salesforce.errors import SalesforceError
from sidebar.settings import Settings
from sidebar.store.database import Database, DatabaseProblem
from sidebar.vault import Vault, VaultProblem

SECONDS = 10
"""No check takes longer."""

State: TypeAlias = Literal["ok", "warn", "stop"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`text`: what is so, and what to do where that is not well. "stop": the service, or a part of it, cannot work."""

    name: str
    state: State
    text: str
    workspace: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """What checks need of this installation."""

    settings: Settings
    http: httpx.AsyncClient
    database: Database
    vault: Vault
    orgs: Orgs
    clock: Callable[[], int]

    def page(self, path: str) -> str:
        return f"{self.settings.public_url}/admin{path}"


Check: TypeAlias = Callable[[], Awaitable[Finding]]


async def bounded(name: str, check: Check, workspace: str = "") -> Finding:
    """What the check finds; whatever keeps it from an end is a finding, too."""
    try:
        async with asyncio.timeout(SECONDS):
            return await check()
    except TimeoutError:
        return Finding(
            name, "stop", f"No answer within {SECONDS} seconds. Look what keeps it, and try again.", workspace
        )
    except (DatabaseProblem, VaultProblem, SalesforceError, NotConnected) as problem:
        return Finding(name, "stop", str(problem), workspace)
    except Exception as problem:  # drivers have errors of their own, whose words may hold a password
        return Finding(name, "stop", f"An unexpected error ({type(problem).__name__}).", workspace)


def stops(findings: Sequence[Finding]) -> bool:
    return any(each.state == "stop" for each in findings)


def table(findings: Sequence[Finding]) -> str:
    """As wide as the terminal; one paragraph a finding, grouped by workspace."""
    width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))
    column = max(len(each.name) for each in findings) + 2
    lines = []
    workspace = ""
    for each in findings:
        if each.workspace != workspace:
            workspace = each.workspace
            lines.append(f"\n{workspace}")
        head = f"{each.state:<6}{each.name:<{column}}"
        lines.append(textwrap.fill(each.text, width, initial_indent=head, subsequent_indent=" " * len(head)))
    return "\n".join(lines)
