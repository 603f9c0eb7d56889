"""A running twin on real sockets, and consoles of Node in which independent clients use it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sidebar.twin import Twin
from tests.conftest import INSIST
from tests.judges.bring_node import HERE, lacking

_PATIENCE = 20  # seconds for one answer
_LONGEST_LINE = 1 << 26


class Refused(Exception):
    """What the client threw."""

    def __init__(self, code: str, message: str, stack: str) -> None:
        super().__init__(stack)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Console:
    """`await js("conn.query(q)", q="SELECT …")`: the value as JSON, or Refused."""

    process: asyncio.subprocess.Process
    errors: Path

    async def __call__(self, expression: str, **given: object) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"expression": expression, "given": given}).encode() + b"\n")
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await self.process.stdout.readline()
        except TimeoutError:
            self._fail(f"no answer to {expression} within {_PATIENCE} s")
        if not line:
            self._fail(f"the script ended at {expression}")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(**answer["error"])
        return answer["value"]

    def _fail(self, reason: str) -> NoReturn:
        pytest.fail(f"{reason}\n{self.errors.read_text('utf-8')}")


@asynccontextmanager
async def console(script: str, errors: Path, **environment: object) -> AsyncIterator[Console]:
    """One of the scripts here, running; `environment` reaches it as JSON. Skips where Node cannot run it."""
    if problem := lacking():
        pytest.fail(problem) if INSIST else pytest.skip(problem)
    pipe = asyncio.subprocess.PIPE
    given = {name: json.dumps(value) for name, value in environment.items()}
    with errors.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            "node", HERE / script, stdin=pipe, stdout=pipe, stderr=said, env={**os.environ, **given},
            limit=_LONGEST_LINE,
        )  # fmt: skip
    try:
        yield Console(process, errors)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture(scope="module")
async def twin(one_loop: None) -> AsyncIterator[Twin]:
    """An org of the demo's people, whose quiet streams speak twice a second."""
    async with Twin(keepalive_ms=500) as twin:
        yield twin


@pytest.fixture(scope="module")
async def grammar(one_loop: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    """The SOQL parser Salesforce publishes: `complaints(statements)`, null for what it accepts."""
    async with console("grammar.mjs", tmp_path_factory.mktemp("grammar") / "stderr") as grammar:
        yield grammar
