"""The generic host: a signed token becomes a visit; everything else is Unproven, and never another exception."""

import base64
import json
import re
import string
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from sidebar import hosts
from sidebar.hosts import Agent, Arrival, Unproven, Visit
from sidebar.hosts.generic import HOST
from sidebar.identity import Identity

NOW = 1_795_000_000_000
SECONDS = NOW // 1000
KEY, SECRET = "workspace-key", "a host secret of the tests, long enough for HS256"
CLAIMS: dict[str, object] = {
    "aud": KEY,
    "iat": SECONDS,
    "exp": SECONDS + 600,
    "sub": "agent-7",
    "email": "kim@brightside.example",
    "name": "Kim Doe",
    "conversation": "conversation-1",
    "customer": {
        "emails": ["amara.okafor@brightloom.example"],
        "phones": ["020 7946 0123"],
        "name": "Amara Okafor",
        "external_id": "c-1",
        "country": "gb",
    },
    "locale": "pl",
    "theme": "dark",
}
LEAST: dict[str, object] = {"aud": KEY, "exp": SECONDS + 60, "sub": "a", "conversation": "c"}


def signed(claims: dict[str, object], secret: str = SECRET, **header: object) -> str:
    return jwt.encode(claims, secret, algorithm="HS256", headers=header)


def arrive(body: bytes | str, *, now: int = NOW, key: str = KEY) -> Visit:
    return HOST.visit(Arrival({}, {}, body if isinstance(body, bytes) else body.encode()), key, SECRET, now)


def visit(token: str, *, now: int = NOW, key: str = KEY) -> Visit:
    return arrive(urlencode({"token": token}), now=now, key=key)


def refusal(token: str, **more: int | str) -> str:
    with pytest.raises(Unproven) as refused:
        visit(token, **more)  # type: ignore[arg-type]
    return refused.value.reason


def part(claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def test_a_signed_token_is_a_visit() -> None:
    assert visit(signed(CLAIMS)) == Visit(
        agent=Agent("agent-7", "kim@brightside.example", "Kim Doe"),
        customer=Identity(
            ("amara.okafor@brightloom.example",), ("020 7946 0123",), "Amara Okafor", external_id="c-1", country="GB"
        ),
        conversation="conversation-1",
        locale="pl",
        theme="dark",
        expires=(SECONDS + 630) * 1000,  # with the leeway of two clocks
    )


def test_little_is_needed() -> None:
    assert visit(signed(LEAST)) == Visit(Agent("a", "", "a"), Identity(), "c", "", "auto", (SECONDS + 90) * 1000)


def test_an_agent_without_a_name_is_called_by_the_address() -> None:
    assert visit(signed({**LEAST, "email": "kim@brightside.example"})).agent.name == "kim@brightside.example"


def test_null_is_the_same_as_nothing() -> None:
    nothing = {"emails": None, "phones": None, "name": None, "external_id": None, "country": None}
    unknown = {**LEAST, "email": None, "name": None, "locale": None, "theme": None}
    assert visit(signed({**unknown, "customer": nothing})) == visit(signed(LEAST))
    assert visit(signed({**unknown, "customer": None})) == visit(signed(LEAST))


def test_claims_nobody_asked_for_are_ignored() -> None:
    assert visit(signed({**LEAST, "role": "admin", "nbf": SECONDS + 9999, "jti": "1"})) == visit(signed(LEAST))


@pytest.mark.parametrize(
    ("offset_ms", "reason"),
    [(0, None), (29_999, None), (30_000, "expired"), (3_600_000, "expired")],
)
def test_a_token_runs_out_at_its_exp_give_or_take_half_a_minute(offset_ms: int, reason: str | None) -> None:
    token, now = signed(CLAIMS), (SECONDS + 600) * 1000 + offset_ms
    if reason is None:
        assert visit(token, now=now).conversation == "conversation-1"
    else:
        assert refusal(token, now=now) == reason


@pytest.mark.parametrize(("ahead", "fine"), [(600, True), (630, True), (631, False), (3600, False), (10**400, False)])
def test_a_token_is_good_for_ten_minutes_at_most(ahead: int, fine: bool) -> None:
    token = signed({**CLAIMS, "exp": SECONDS + ahead})
    if fine:
        assert visit(token).expires == (SECONDS + ahead + 30) * 1000
    else:
        assert refusal(token) == "malformed"


def test_another_secret_is_a_forgery() -> None:
    assert refusal(signed(CLAIMS, "the secret of another workspace, as long as ours")) == "forged"


def test_a_token_for_another_workspace_is_a_forgery() -> None:
    assert refusal(signed(CLAIMS), key="another-key") == "forged"
    assert refusal(signed({**CLAIMS, "aud": "another-key"})) == "forged"


def test_a_token_without_a_signature_is_a_forgery() -> None:
    assert refusal(jwt.encode(CLAIMS, None, algorithm="none")) == "forged"
    assert refusal(f"{part({'alg': 'none'})}.{part(CLAIMS)}.") == "forged"
    assert refusal(signed(CLAIMS).rsplit(".", 1)[0] + ".") == "forged"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_only_hs256_is_taken(algorithm: str) -> None:
    assert refusal(jwt.encode(CLAIMS, SECRET * 2, algorithm=algorithm)) == "forged"


def test_an_rsa_signature_is_a_forgery_and_cannot_be_confused_with_ours() -> None:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refusal(jwt.encode(CLAIMS, pair, algorithm="RS256")) == "forged"
    # signed with our secret under HS256, but saying RS256
    head, body, _ = jwt.encode(CLAIMS, pair, algorithm="RS256").split(".")
    mac = jwt.get_algorithm_by_name("HS256")
    signature = mac.sign(f"{head}.{body}".encode(), mac.prepare_key(SECRET))
    assert refusal(f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}") == "forged"


@pytest.mark.parametrize("claim", ["exp", "aud", "sub", "conversation"])
def test_a_claim_that_is_needed_and_missing_is_malformed(claim: str) -> None:
    assert refusal(signed({name: value for name, value in CLAIMS.items() if name != claim})) == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"sub": ""},
        {"sub": True},
        {"sub": None},
        {"sub": "a\x00b"},
        {"sub": "x" * 1001},
        {"conversation": ""},
        {"conversation": ["c"]},
        {"conversation": "c\x00"},
        {"exp": "soon"},
        {"exp": None},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": [SECONDS + 60]},
        {"exp": {}},
        {"email": {}},
        {"name": 5},
        {"locale": ["pl"]},
        {"theme": "pink"},
        {"theme": "dark\n"},
        {"customer": "Amara"},
        {"customer": []},
    ],
    ids=str,
)
def test_a_claim_of_the_wrong_kind_is_malformed(change: dict[str, object]) -> None:
    assert refusal(signed({**CLAIMS, **change})) in ("malformed", "expired")


@pytest.mark.parametrize(
    "customer",
    [
        {"emails": "amara@brightloom.example"},
        {"emails": [1]},
        {"emails": [None]},
        {"emails": [["amara@brightloom.example"]]},
        {"emails": {"0": "amara@brightloom.example"}},
        {"emails": ["a@b.example"] * 21},
        {"phones": 442079460123},
        {"phones": [442079460123]},
        {"phones": ["1"] * 21},
        {"phones": ["1" * 1001]},
        {"phones": ["\x00"]},
        {"name": ["Amara"]},
        {"name": "x" * 1001},
        {"external_id": {}},
        {"country": "United Kingdom"},
        {"country": "G"},
        {"country": "GB\n"},
    ],
    ids=lambda customer: str(customer)[:40],
)
def test_a_customer_of_the_wrong_kind_is_malformed_and_the_error_says_where(customer: dict[str, object]) -> None:
    with pytest.raises(Unproven, match=f"customer.{next(iter(customer))}") as refused:
        visit(signed({**CLAIMS, "customer": customer}))
    assert refused.value.reason == "malformed"


def test_twenty_addresses_of_each_kind_are_taken() -> None:
    customer = {"emails": ["a@b.example"] * 20, "phones": ["123"] * 20}
    assert len(visit(signed({**CLAIMS, "customer": customer})).customer.emails) == 20


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"token",
        b"token=",
        b"other=1",
        b"token=a&" * 6,
        b"token=%FF%FE",
        b"token=a.b.c",
        b"token=....",
        bytes(range(256)),
        b"\xff" * 100,
        b"x" * 1_000_000,
        b"token=" + b"x" * 1_000_000,
        b"token=" + b"." * 1_000_000,
        b'{"token": "a.b.c"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_without_a_token_is_malformed(body: bytes) -> None:
    with pytest.raises(Unproven) as refused:
        arrive(body)
    assert refused.value.reason == "malformed"


@pytest.mark.parametrize(
    "header",
    [
        "[" * 20_000,
        '{"a":' * 5_000,
        "null",
        "[]",
        "5",
        '"HS256"',
        '{"alg": ["HS256"]}',
        '{"alg": null}',
        "{}",
        "\ud800",
    ],
    ids=lambda header: header[:16].encode("unicode_escape").decode(),
)
def test_a_strange_header_is_refused_before_anything_is_believed(header: str) -> None:
    raw = base64.urlsafe_b64encode(header.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()
    _, body, signature = signed(CLAIMS).split(".")
    assert refusal(f"{raw}.{body}.{signature}") in ("malformed", "forged")


@pytest.mark.parametrize(
    "payload", [b"[]", b"null", b"5", b"not json", b"\xff", b"[" * 20_000, b'{"exp": 1' + b"0" * 5000 + b"}"]
)
def test_a_signed_payload_that_is_no_object_is_malformed(payload: bytes) -> None:
    assert refusal(jwt.PyJWS().encode(payload, SECRET, algorithm="HS256")) == "malformed"


@given(st.integers(0), st.integers(1, 255))
def test_any_other_byte_anywhere_is_refused(place: int, difference: int) -> None:
    token = bytearray(signed(CLAIMS).encode())
    place %= len(token)
    token[place] ^= difference
    alphabet = (string.ascii_letters + string.digits + "-_").encode()
    if token[place] in alphabet and place == len(token) - 1:
        return  # the last character of a signature of 32 bytes has two spare bits
    with pytest.raises(Unproven):
        arrive(urlencode({"token": bytes(token)}))
    with pytest.raises(Unproven):
        arrive(b"token=" + bytes(token))


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(body: bytes) -> None:
    for each in (body, b"token=" + body):
        with pytest.raises(Unproven):
            arrive(each)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(CLAIMS, json_values)), st.booleans())
def test_any_signed_claims_are_a_visit_or_unproven(changes: dict[str, object], inside_customer: bool) -> None:
    customer = {**CLAIMS["customer"], **changes} if inside_customer else CLAIMS["customer"]  # type: ignore[dict-item]
    claims = {**CLAIMS, "customer": customer} if inside_customer else {**CLAIMS, **changes}
    payload = json.dumps(claims).encode()
    try:
        seen = visit(jwt.PyJWS().encode(payload, SECRET, algorithm="HS256"))
    except Unproven as problem:
        assert problem.reason in ("expired", "forged", "malformed")
    else:
        assert NOW - 30_000 < seen.expires <= NOW + 630_000
        assert seen.agent.id
        assert "\x00" not in repr(seen.agent)
        (seen.agent.name + seen.conversation + "".join(seen.customer.emails)).encode()


def test_a_host_is_found_by_the_name_of_its_file() -> None:
    assert hosts.find("generic") is HOST


@pytest.mark.parametrize("kind", ["", "nobody", "__init__", "../generic", "generic.py", "Generic", "sidebar", "\x00"])
def test_a_host_without_a_file_is_not_found(kind: str) -> None:
    assert hosts.find(kind) is None


def test_asking_for_hosts_that_do_not_exist_leaves_nothing_behind() -> None:
    """The name comes from an address anybody can ask for."""
    hosts.find("generic")
    caches: list[Callable[..., object]] = [each for each in vars(hosts).values() if hasattr(each, "cache_info")]
    assert caches
    before = [each.cache_info().currsize for each in caches]  # type: ignore[attr-defined]
    for number in range(100):
        hosts.find(f"nobody-{number}")
    assert [each.cache_info().currsize for each in caches] == before  # type: ignore[attr-defined]


def test_the_lines_readme_shows_make_a_token_that_is_taken() -> None:
    """With ids that are numbers and a clock that has a fraction, as many inboxes have them."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    lines = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert lines is not None
    person = SimpleNamespace(id=7, email="robin@inbox.example", name="Robin")
    names = {"jwt": jwt, "time": time, "agent": person, "conversation": SimpleNamespace(id=12)}
    secret, key = "s" * 43, "w" * 22
    exec(lines[1].replace("[...]", "[]"), names | {"WORKSPACE_KEY": key, "HOST_SECRET": secret}, made := {})
    arrival = Arrival({}, {}, f"token={made['token']}".encode())
    visit = HOST.visit(arrival, key, secret, time.time_ns() // 1_000_000)
    assert (visit.agent.id, visit.conversation) == ("7", "12")
