"""Settings, read once from the environment and handed down. README's table is compared with this file by a test.

A value that cannot be used stops the start and says why.
"""

import re
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PORTS = {"http": 80, "https": 443}


class SettingsProblem(Exception):
    """The environment holds something Sidebar cannot work with; the text says what and how to mend it."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIDEBAR_", extra="ignore", frozen=True, validate_default=True)

    database_url: str = Field(
        default="",
        repr=False,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="Where everything is kept: `sqlite:///path` or `postgresql://…`. "
        "Empty: `sidebar.sqlite` in the state folder",
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("PORT", "port"),
        description="The port `serve` listens on",
    )
    bind: str = Field(
        default="127.0.0.1",
        pattern=r"^[A-Za-z0-9.:%_-]+$",
        description="The address `serve` listens on; `0.0.0.0` behind a proxy",
    )
    public_url: str = Field(
        default="",
        description="How browsers reach Sidebar: scheme, host and port, nothing else. "
        "Empty: `http://localhost` with `PORT`",
    )
    secret_key: str = Field(
        default="",
        repr=False,
        description="Encrypts secrets and signs sessions: 32 random bytes or more, as text. "
        "Several, newest first, separated by commas, while you rotate. `serve` and `work` refuse to start without one",
    )
    var_dir: Path = Field(default=Path("var"), description="The state folder of the demo and of the default database")
    salesforce_origins: str = Field(
        default="",
        description="Further origins taken for Salesforce besides its own hosts, separated by commas: the twin's. "
        "Leave empty in production",
    )
    pubsub_endpoint: str = Field(
        default="api.pubsub.salesforce.com:7443",
        pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$",
        description="Where change events come from, as `host:port`; in the EU `api.deu.pubsub.salesforce.com:7443`",
    )
    pubsub_ca_file: str = Field(
        default="",
        description="Certificate file to trust for that endpoint instead of the system's; the twin writes one",
    )
    api_version: str = Field(
        default="67.0",
        pattern=r"^\d\d\.0$",
        description="The newest Salesforce API version to use; an older org's newest is used as it is",
    )
    log_format: str = Field(
        default="text", pattern="^(text|json)$", description="`text` for people, `json` for machines"
    )
    log_level: str = Field(
        default="info",
        pattern="^(debug|info|warning|error)$",
        description="What is logged: `debug`, `info`, `warning` or `error`",
    )

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str, others: ValidationInfo) -> str:
        return origin(value or f"http://localhost:{others.data.get('port', 0)}")

    @field_validator("salesforce_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        return ",".join(origin(each.strip()) for each in value.split(",") if each.strip())

    @field_validator("pubsub_ca_file")
    @classmethod
    def _holds_a_certificate(cls, value: str) -> str:
        if value and not _is_certificate(Path(value)):
            raise ValueError(f"{value!r} is not a file that can be read and holds a certificate (PEM)")
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: str) -> str:
        if any(len(key.strip()) < 32 for key in value.split(",") if key.strip()):
            raise ValueError("each key must have at least 32 characters; `openssl rand -base64 32` makes a good one")
        return value

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Newest first; empty where none is set."""
        return tuple(key.strip() for key in self.secret_key.split(",") if key.strip())

    @property
    def further_salesforce_origins(self) -> frozenset[str]:
        return frozenset(each for each in self.salesforce_origins.split(",") if each)

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.var_dir / 'sidebar.sqlite'}"


def origin(url: str) -> str:
    """`https://Host:1/` → `https://host:1`, as browsers say it: an international host in ASCII, and no port where it is
    the scheme's own. Anything that is more or less than an origin is a ValueError."""
    parts = urlsplit(url.strip().rstrip("/"))
    name, colon, port = parts.netloc.lower().partition(":")
    host = name if name.isascii() else _ascii(name)
    if parts.scheme not in _PORTS or not _is_host(host) or (colon and not _is_port(port)):
        raise ValueError(f"{url!r} is not an origin such as https://sidebar.example.com")
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"{url!r} has more than scheme, host and port")
    further = "" if not colon or int(port) == _PORTS[parts.scheme] else f":{int(port)}"
    return f"{parts.scheme}://{host}{further}"


def _ascii(name: str) -> str:
    """`bücher.example` → `xn--bcher-kva.example`, unless Python's rules and those of browsers differ there (ß)."""
    try:
        encoded = name.encode("idna")
        if encoded.decode("idna") == name:
            return encoded.decode("ascii")
    except UnicodeError:
        pass
    raise ValueError(f"write {name!r} as browsers send it, in ASCII: each part that needs it as xn--…")


def _is_host(name: str) -> bool:
    """A name of labels, or an IPv4 address: browsers take whatever ends in a number for one."""
    labels = name.split(".")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return _is_ipv4(name)
    return len(name) <= 253 and all(re.fullmatch(r"[a-z0-9-]{1,63}", each) for each in labels)


def _is_ipv4(name: str) -> bool:
    try:
        return str(IPv4Address(name)) == name
    except ValueError:
        return False


def _is_port(text: str) -> bool:
    return re.fullmatch("[0-9]{1,5}", text) is not None and int(text) <= 65535


def _is_certificate(path: Path) -> bool:
    try:
        return b"-----BEGIN CERTIFICATE-----" in path.read_bytes()
    except OSError:
        return False


def read(**given: object) -> Settings:
    """Settings from the environment, `given` ones first. SettingsProblem names each bad value's variable."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as problem:
        raise SettingsProblem(
            "\n".join(
                f"{variable(str(each['loc'][0]))}: {each['msg'].removeprefix('Value error, ')}"
                for each in problem.errors()
            )
        ) from None


def variable(field: str) -> str:
    """`public_url` → `SIDEBAR_PUBLIC_URL`: the environment variable behind a field."""
    name = field.upper()
    return name if name in ("DATABASE_URL", "PORT") else f"SIDEBAR_{name}"
