"""What the doctor looks at on this machine: the settings, and the database."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sidebar.doctor.finding import Finding
from sidebar.settings import Settings
from sidebar.store import workspaces
from sidebar.store.database import Database, DatabaseProblem
from sidebar.vault import Vault

_HERE = frozenset({"localhost", "127.0.0.1"})


def settings_findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("Settings", "ok", "Every value can be used.")
    yield _key(settings)
    yield _address(settings.public_url)


def _key(settings: Settings) -> Finding:
    if settings.secret_keys:
        more = f" ({len(settings.secret_keys)} keys: drop the old ones once secrets are saved anew)"
        return Finding("Secret key", "ok", f"Set{more if len(settings.secret_keys) > 1 else ''}.")
    return Finding(
        "Secret key",
        "stop",
        "SIDEBAR_SECRET_KEY is not set. Make one with `openssl rand -base64 32` and keep it safe. If this installation "
        "has run before, set the one it had.",
    )


def _address(public_url: str) -> Finding:
    parts = urlsplit(public_url)
    if parts.scheme == "https":
        return Finding("Address", "ok", public_url)
    if parts.hostname in _HERE:
        return Finding("Address", "ok", f"{public_url}, for this machine only: others need TLS and SIDEBAR_PUBLIC_URL.")
    return Finding(
        "Address",
        "stop",
        f"{public_url} is not https. Browsers show no such panel inside an inbox that is. Put a TLS proxy in front, "
        "and set SIDEBAR_PUBLIC_URL to what browsers see.",
    )


def missing_file(settings: Settings) -> Finding | None:
    """Looking into a SQLite database that is not there would make it."""
    path = settings.database.partition(":///")[2]
    if not settings.database.startswith("sqlite") or not path or Path(path).exists():
        return None
    text = (
        f"{path} does not exist. `sidebar serve` makes it; if this installation has run before, look at DATABASE_URL."
    )
    return Finding("Database", "warn", text)


async def database_finding(database: Database) -> Finding:
    try:
        await database.ping()
    except DatabaseProblem as problem:
        return Finding("Database", "stop", f"{problem}. Look whether it runs, and at DATABASE_URL.")
    try:
        await database.check()
    except DatabaseProblem as problem:
        if database.is_sqlite:
            return Finding(
                "Database", "warn", "Its tables are of another version. `sidebar serve` brings them up to date."
            )
        return Finding("Database", "stop", str(problem))
    if database.is_sqlite:
        async with database.write():  # nothing but the lock
            pass
        return Finding("Database", "ok", "SQLite, for one process. Several need PostgreSQL: set DATABASE_URL.")
    return Finding("Database", "ok", "PostgreSQL, for any number of processes.")


async def vault_finding(database: Database, vault: Vault) -> Finding:
    """Raises VaultProblem."""
    async with database.read() as connection:
        locked = await workspaces.any_secret(connection)
    if locked is None:
        text = "Nobody owns this installation yet. Start `sidebar serve` and open the address it prints."
        return Finding("Accounts", "warn", text)
    vault.open(locked)
    return Finding("Accounts", "ok", "There is an owner, and the secret key opens what is stored.")
