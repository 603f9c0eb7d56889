"""The commands: demo, serve, work, migrate, doctor, match, twin. `sidebar COMMAND --help` tells each one's options."""

import asyncio
import errno
import json
import signal
import socket
import sys
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Literal

import click

from sidebar import settings as environment
from sidebar.app import House, compose
from sidebar.contacts.lookup import Match
from sidebar.contacts.telling import lines
from sidebar.doctor import Finding, examine, of_settings_problem, stops, table
from sidebar.files import own_folder
from sidebar.identity import Identity
from sidebar.log import set_up
from sidebar.orgs import NotConnected
from sidebar.process import client, clock, collect_seldom, listen, serving, working
from sidebar.salesforce.errors import SalesforceError
from sidebar.settings import Settings, SettingsProblem
from sidebar.store import admins
from sidebar.store.database import Database, DatabaseProblem
from sidebar.vault import VaultProblem

if TYPE_CHECKING:
    from sidebar.stage import Stage


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The Salesforce contact panel for messaging inboxes. Settings come from the environment; README lists them."""


@cli.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65532),
    default=8000,
    show_default=True,
    help="The panel's port; inbox and org take the next ones.",
)
@click.option("--fresh", is_flag=True, help="Forget former runs of the demo.")
@click.option("--database", default="", help="An empty PostgreSQL database to use instead of SQLite.")
@click.option("--json", "as_json", is_flag=True, help="Print addresses and keys as one JSON object first.")
def demo(port: int, fresh: bool, database: str, as_json: bool) -> None:
    """Everything in one process: a demo inbox, the panel, a worker, and a pretend Salesforce org. Needs `twin`."""
    if fresh and database:
        raise click.UsageError("--fresh forgets the state folder only; give an empty --database instead.")
    settings = _read()
    set_up(settings.log_format, "error")  # the tour breaks things on purpose
    _run(_demo(settings, port, fresh, database, as_json))


@cli.command()
def serve() -> None:
    """The web server. On SQLite it also brings the tables up to date and runs the worker."""
    settings = _keyed()
    set_up(settings.log_format, settings.log_level)
    _run(_serve(settings))


@cli.command()
def work() -> None:
    """The worker, a process of its own beside `serve`. Needs PostgreSQL."""
    settings = _keyed()
    set_up(settings.log_format, settings.log_level)
    if settings.database.startswith("sqlite"):
        raise click.ClickException("On SQLite `sidebar serve` runs the worker itself. Set DATABASE_URL to PostgreSQL.")
    _run(_work(settings))


@cli.command()
def migrate() -> None:
    """Bring the database's tables to this version."""
    _run(_migrate(_read()))
    click.echo("The database is up to date.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
def doctor(as_json: bool) -> None:
    """Look whether everything is in order, and say what to do where it is not. 1: something cannot work."""
    set_up("text", "error")
    found = _findings()
    told = {"ok": not stops(found), "findings": [asdict(each) for each in found]}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else table(found))
    sys.exit(1 if stops(found) else 0)


@cli.command()
@click.option("--email", "emails", multiple=True, help="An e-mail address of theirs; may be given again.")
@click.option("--phone", "phones", multiple=True, help="A phone number of theirs, however written; may be given again.")
@click.option("--country", default="", help="Theirs, for numbers that name none: two letters.")
@click.option("--workspace", default="", help="The key in the panel's address; needed where there are several.")
@click.option("--explain", is_flag=True, help="Say why, and why not others.")
def match(emails: tuple[str, ...], phones: tuple[str, ...], country: str, workspace: str, explain: bool) -> None:
    """Who is this in Salesforce? 0: one found, 1: nobody, 3: Salesforce cannot tell, 4: several."""
    if not emails and not phones:
        raise click.UsageError("Give --email or --phone.")
    settings = _keyed()
    set_up("text", "error")
    customer = Identity(_readable(emails), _readable(phones), country=country.upper())
    try:
        found = asyncio.run(_match(settings, workspace, customer))
    except (SalesforceError, NotConnected) as problem:
        click.echo(f"Nobody knows: {problem}", err=True)
        sys.exit(3)
    except LookupError:
        raise click.UsageError("There is no such workspace, or more than one: say which with --workspace.") from None
    except (DatabaseProblem, VaultProblem) as problem:
        raise click.ClickException(str(problem)) from None
    told = list(lines(found.receipt))
    click.echo("\n".join(told if explain else told[:1]))
    sys.exit({"found": 0, "nobody": 1, "several": 4}[found.outcome])


@cli.command()
@click.option("--http-port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--grpc-port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--tls", is_flag=True, help="HTTPS with a certificate of its own.")
@click.option("--grpc-plain", is_flag=True, help="gRPC without TLS.")
@click.option("--seed", type=click.Choice(["demo", "empty"]), default="demo", show_default=True)
@click.option("--contacts", default=300, show_default=True, help="How many contacts the demo's seed has.")
@click.option("--callback", "callbacks", multiple=True, help="A redirect URI to accept besides this machine's own.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the org here over restarts.")
@click.option("--json", "as_json", is_flag=True, help="Print where the org is as one JSON object first.")
def twin(
    http_port: int,
    grpc_port: int,
    tls: bool,
    grpc_plain: bool,
    seed: Literal["demo", "empty"],
    contacts: int,
    callbacks: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Only the pretend Salesforce org, for any client. Needs the extra `twin`."""
    from sidebar.twin.run import Twin, serve_twin  # the extra is needed by nobody else

    if folder:
        _make_folder(folder, "--folder")
    org = Twin(
        http_port=http_port,
        grpc_port=grpc_port,
        tls=tls,
        grpc_plain=grpc_plain,
        seed=seed,
        contacts=contacts,
        callbacks=callbacks,
        folder=folder,
    )
    _run(serve_twin(org, as_json=as_json))


def _readable(typed: tuple[str, ...]) -> tuple[str, ...]:
    """Without bytes that are no text, which a shell passes on as they are."""
    return tuple(each.encode(errors="replace").decode() for each in typed)


def _findings() -> list[Finding]:
    try:
        settings = environment.read()
    except SettingsProblem as problem:
        return of_settings_problem(problem)

    async def look() -> list[Finding]:
        async with client() as http:
            return await examine(settings, http, clock)

    return asyncio.run(look())


async def _match(settings: Settings, key: str, customer: Identity) -> Match:
    async with AsyncExitStack() as stack:
        house = await _house(settings, stack)
        await house.check()
        return await house.match(key, customer)


async def _demo(settings: Settings, port: int, fresh: bool, database: str, as_json: bool) -> None:
    from sidebar.stage import stage  # brings the twin in, which needs its extra

    folder = settings.var_dir / "demo"
    _make_folder(folder, "SIDEBAR_VAR_DIR")
    async with stage(port=port, fresh=fresh, folder=folder, database_url=database) as ready:
        print(json.dumps(ready.first_line()) if as_json else _welcome(ready), flush=True)
        await asyncio.Event().wait()


def _welcome(ready: "Stage") -> str:
    line = ready.first_line()
    return f"""
  Sidebar is ready. Open the demo inbox and click a conversation:

    {line["inbox_url"]}

  Admin pages      {line["admin_url"]}
                   {line["admin_email"]}   {line["admin_password"]}
  Pretend org      {ready.twin.instance_url}/lightning/o/Contact/list

  Ctrl-C ends it. What you change is kept in {ready.house.settings.var_dir}; `sidebar demo --fresh` starts anew.
"""


async def _serve(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        house = await _house(settings, stack)
        if house.database.is_sqlite:
            await house.database.migrate()
        await house.check()
        listener = stack.enter_context(_listen(settings))
        collect_seldom()
        if house.database.is_sqlite:
            await stack.enter_async_context(working(house))
        await stack.enter_async_context(serving(house.web(), listener))
        print(f"Sidebar answers at {settings.public_url} (listening on {settings.bind}:{listener.getsockname()[1]})")
        await _tell_setup(house)
        await asyncio.Event().wait()


async def _tell_setup(house: House) -> None:
    async with house.database.read() as connection:
        owned = await admins.any_at_all(connection)
    if not owned:
        address = f"{house.settings.public_url}/admin/setup?code={house.vault.code('setup')}"
        print(f"Nobody owns this installation yet. Create the first account at:\n  {address}", flush=True)


async def _work(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        house = await _house(settings, stack)
        await house.check()
        collect_seldom()
        print("Sidebar's worker is running.", flush=True)
        await house.work().run()


async def _migrate(settings: Settings) -> None:
    database = Database(settings.database)
    await database.migrate()
    await database.close()


async def _house(settings: Settings, stack: AsyncExitStack) -> House:
    http = await stack.enter_async_context(client())
    house = compose(settings, clock, token_bytes, http)
    stack.push_async_callback(house.close)
    return house


def _listen(settings: Settings) -> socket.socket:
    try:
        return listen(settings.bind, settings.port)
    except OSError as problem:
        why = str(problem.strerror).partition(" (")[0]  # the rest is Python's, and says the same again
        setting = "PORT" if problem.errno in (errno.EADDRINUSE, errno.EACCES) else "SIDEBAR_BIND"
        raise click.ClickException(
            f"{settings.bind}, port {settings.port}, cannot be listened on: {why}. Set {setting}."
        ) from None


def _make_folder(path: Path, setting: str) -> None:
    try:
        own_folder(path)
        tempfile.TemporaryFile(dir=path).close()  # whether files can be made there shows only when one is made
    except OSError as problem:
        raise click.ClickException(f"{path} cannot be written to: {problem.strerror}. Look at {setting}.") from None


def _read() -> Settings:
    try:
        return environment.read()
    except SettingsProblem as problem:
        raise click.ClickException(f"The settings cannot be used.\n{problem}") from None


def _keyed() -> Settings:
    settings = _read()
    if not settings.secret_keys:
        raise click.ClickException(
            "SIDEBAR_SECRET_KEY is not set. It encrypts the secrets Sidebar keeps, so it does not start without one.\n"
            "Make one with `openssl rand -base64 32` and keep it safe: without it those secrets are lost."
        )
    return settings


def _run(main: Coroutine[None, None, None]) -> None:
    """Run until done or told to stop; Ctrl-C and SIGTERM end it cleanly."""

    async def until_stopped() -> None:
        task = asyncio.ensure_future(main)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    try:
        asyncio.run(until_stopped())
    except (DatabaseProblem, VaultProblem) as problem:
        raise click.ClickException(str(problem)) from None


if __name__ == "__main__":
    sys.exit(cli())
