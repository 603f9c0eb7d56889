"""Settings come from the environment; what cannot be used stops the start and says why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebar.settings import Settings, SettingsProblem, origin, read, variable

KEY = "a key of thirty-two characters!!"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = read()
    assert settings.database == "sqlite:///var/sidebar.sqlite"
    assert (settings.port, settings.bind, settings.public_url) == (8000, "127.0.0.1", "http://localhost:8000")
    assert settings.secret_keys == ()
    assert settings.further_salesforce_origins == frozenset()


@pytest.mark.parametrize(
    ("name", "value", "field", "read_as"),
    [
        ("DATABASE_URL", "postgresql://u:p@db/sidebar", "database", "postgresql://u:p@db/sidebar"),
        ("PORT", "9000", "port", 9000),
        ("PORT", "0", "port", 0),
        ("SIDEBAR_BIND", "0.0.0.0", "bind", "0.0.0.0"),
        ("SIDEBAR_PUBLIC_URL", "", "public_url", "http://localhost:8000"),
        ("SIDEBAR_PUBLIC_URL", " https://Sidebar.Example/ ", "public_url", "https://sidebar.example"),
        ("SIDEBAR_PUBLIC_URL", "https://Bücher.example", "public_url", "https://xn--bcher-kva.example"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example:0443", "public_url", "https://sidebar.example"),
        ("SIDEBAR_PUBLIC_URL", "http://127.0.0.1:65535", "public_url", "http://127.0.0.1:65535"),
        ("SIDEBAR_VAR_DIR", "/srv/sidebar", "database", "sqlite:////srv/sidebar/sidebar.sqlite"),
        ("SIDEBAR_VAR_DIR", "/srv/sidebar", "var_dir", Path("/srv/sidebar")),
        ("SIDEBAR_SECRET_KEY", f"{KEY}1, {KEY}2", "secret_keys", (f"{KEY}1", f"{KEY}2")),
        ("SIDEBAR_SALESFORCE_ORIGINS", "http://localhost:8002, https://twin.example",
         "further_salesforce_origins", {"http://localhost:8002", "https://twin.example"}),
        ("SIDEBAR_SALESFORCE_ORIGINS", " , ", "further_salesforce_origins", frozenset()),
        ("SIDEBAR_PUBSUB_ENDPOINT", "localhost:8003", "pubsub_endpoint", "localhost:8003"),
        ("SIDEBAR_API_VERSION", "60.0", "api_version", "60.0"),
        ("SIDEBAR_LOG_FORMAT", "json", "log_format", "json"),
    ],
)  # fmt: skip
def test_each_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, read_as: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(read(), field) == read_as


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "http", "valid integer"),
        ("PORT", "65536", "65535"),
        ("PORT", "-1", "greater than or equal to 0"),
        ("SIDEBAR_PUBLIC_URL", "sidebar.example", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example/panel", "more than scheme, host and port"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example?x", "more than scheme, host and port"),
        ("SIDEBAR_PUBLIC_URL", "ftp://sidebar.example", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://user:password@sidebar.example", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example; frame-ancestors *", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://[", "."),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example:65536", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example:", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.example:٤٤٣", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://.", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://a..b", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", f"https://{'a' * 64}.example", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", f"https://{'a.' * 127}example", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://1.2.3.400", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://sidebar.1", "is not an origin"),
        ("SIDEBAR_PUBLIC_URL", "https://straße.example", "xn--"),
        ("SIDEBAR_PUBLIC_URL", "https://ü..example", "xn--"),
        ("SIDEBAR_SALESFORCE_ORIGINS", "https://twin.example, nonsense", "'nonsense' is not an origin"),
        ("SIDEBAR_SALESFORCE_ORIGINS", "https://*.salesforce.com", "is not an origin"),
        ("SIDEBAR_SECRET_KEY", "too short", "at least 32 characters"),
        ("SIDEBAR_SECRET_KEY", f"{KEY},too short", "at least 32 characters"),
        ("SIDEBAR_API_VERSION", "67", "pattern"),
        ("SIDEBAR_API_VERSION", "latest", "pattern"),
        ("SIDEBAR_LOG_FORMAT", "xml", "pattern"),
        ("SIDEBAR_LOG_LEVEL", "loud", "pattern"),
        ("SIDEBAR_PUBSUB_ENDPOINT", "api.pubsub.salesforce.com", "pattern"),
        ("SIDEBAR_PUBSUB_ENDPOINT", "https://api.pubsub.salesforce.com:7443", "pattern"),
        ("SIDEBAR_PUBSUB_CA_FILE", "/nowhere/ca.pem", "holds a certificate"),
        ("SIDEBAR_BIND", "", "pattern"),
        ("SIDEBAR_BIND", "ü..a", "pattern"),
        ("SIDEBAR_PUBSUB_CA_FILE", "/", "holds a certificate"),
        ("SIDEBAR_PUBSUB_CA_FILE", __file__, "holds a certificate"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_variable_and_the_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem, match=f"^{name}: .*{why}"):
        read()


def test_every_bad_value_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setenv("SIDEBAR_LOG_LEVEL", "loud")
    with pytest.raises(SettingsProblem) as told:
        read()
    assert [line.split(":")[0] for line in str(told.value).splitlines()] == ["PORT", "SIDEBAR_LOG_LEVEL"]


def test_a_bad_secret_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDEBAR_SECRET_KEY", "hunter2")
    with pytest.raises(SettingsProblem) as told:
        read()
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__


def test_secrets_are_not_part_of_what_is_printed() -> None:
    settings = read(secret_key=KEY, database_url="postgresql://u:hunter2@db/sidebar")
    assert KEY not in repr(settings) + str(settings)
    assert "hunter2" not in repr(settings) + str(settings)


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("SIDEBAR_PUBLIC_URL", "https://other.example")
    settings = read(port=9001, public_url="https://sidebar.example")
    assert (settings.port, settings.public_url) == (9001, "https://sidebar.example")


def test_settings_do_not_change_once_they_are_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read().port = 1  # type: ignore[misc]


@given(st.text(max_size=40) | st.builds("https://{}".format, st.text(max_size=30)))
def test_any_text_is_an_origin_or_a_plain_refusal(text: str) -> None:
    try:
        found = origin(text)
    except ValueError:
        return
    assert origin(found) == found
    assert not set(found) & set(" \t\n;'\"<>,*@?#")


def test_every_setting_says_in_one_line_what_it_is_for() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert "\n" not in field.description
