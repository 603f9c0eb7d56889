"""SOAP login in the dialects of the clients that still use it, and its faults."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidebar.twin.org import Org

from ..conftest import HOST
from .app import works

pytestmark = pytest.mark.anyio
RECORDED = (  # by grouparoo's tests, December 2020: the elements of a loginResponse in their order
    "metadataServerUrl passwordExpired sandbox serverUrl sessionId userId userInfo accessibilityMode chatterExternal "
    "currencySymbol orgAttachmentFileSizeLimit orgDefaultCurrencyIsoCode orgDefaultCurrencyLocale "
    "orgDisallowHtmlAttachments orgHasPersonAccounts organizationId organizationMultiCurrency organizationName "
    "profileId roleId sessionSecondsValid userDefaultCurrencyIsoCode userEmail userFullName userId userLanguage "
    "userLocale userName userTimeZone userType userUiSkin"
)
INVALID_LOGIN = (  # as recorded by Trino's tests
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    "<soapenv:Fault><faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, "
    "security token; or user locked out.</faultstring><detail><sf:LoginFault "
    'xsi:type="sf:LoginFault"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid username, '
    "password, security token; or user locked out.</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
    "</soapenv:Body></soapenv:Envelope>"
)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CDATA = (
    f"<soapenv:Envelope xmlns:soapenv='{SOAP}' xmlns:urn='urn:partner.soap.sforce.com'><soapenv:Body><urn:login>"
    "<urn:username><![CDATA[{name}]]></urn:username><urn:password><![CDATA[{word}]]></urn:password></urn:login>"
    "</soapenv:Body></soapenv:Envelope>"
)
HEADED = f"""<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:env="{SOAP}" xmlns:urn="urn:partner.soap.sforce.com">
    <env:Header><urn:CallOptions><urn:client>some</urn:client></urn:CallOptions></env:Header>
    <env:Body>
        <n1:login xmlns:n1="urn:partner.soap.sforce.com">
            <n1:username>{{name}}</n1:username>
            <n1:password>{{word}}</n1:password>
        </n1:login>
    </env:Body>
</env:Envelope>"""
UNPREFIXED = (
    f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}"><SOAP-ENV:Header/><SOAP-ENV:Body>'
    '<login xmlns="urn:partner.soap.sforce.com"><username>{name}</username><password>{word}</password></login>'
    "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
ENTERPRISE = UNPREFIXED.replace("partner", "enterprise")
PARTNER_60 = "/services/Soap/u/60.0"
TEXT_XML = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"}


async def post(
    http: httpx.AsyncClient, body: str | bytes, path: str = PARTNER_60, headers: Mapping[str, str] = TEXT_XML
) -> httpx.Response:
    return await http.post(path, content=body, headers=headers)


def filled(envelope: str, org: Org) -> str:
    return envelope.format(name=org.integration.username.upper(), word=org.integration.password)


@pytest.mark.parametrize(
    ("envelope", "path", "action"),
    [
        (CDATA, "/services/Soap/u/57.0/", "Login"),
        (HEADED, PARTNER_60, "login"),
        (UNPREFIXED, f"{PARTNER_60}/00D5e000000TWIN", '""'),
        (ENTERPRISE, "/services/Soap/c/48.0", "login"),
    ],
    ids=["cdata", "headed", "unprefixed", "enterprise"],
)
async def test_every_dialect_is_given_a_session_that_works(
    http: httpx.AsyncClient, org: Org, envelope: str, path: str, action: str
) -> None:
    answer = await post(http, filled(envelope, org), path, {**TEXT_XML, "SOAPAction": action})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    session, server = re.findall(r"<(?:sessionId|serverUrl)>(.+?)</", answer.text)[::-1]
    assert await works(http, session)
    assert server == f"{HOST}{path[:21]}/{org.id[:15]}"


async def test_what_is_told_stands_in_the_recorded_order(http: httpx.AsyncClient, org: Org) -> None:
    """Two Pub/Sub clients count: the fourth is the address, the fifth the session, the ninth of the seventh the org."""
    answer = await post(http, filled(CDATA, org))
    result = ElementTree.fromstring(answer.text)[0][0][0]
    assert [element.tag.partition("}")[2] for element in result.iter()][1:] == RECORDED.split()
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope ')
    texts = {element.tag.partition("}")[2]: element.text for element in result.iter()}
    assert (result[3].text, result[6][8].text) == (f"{HOST}{PARTNER_60}/{org.id[:15]}", org.id)
    assert (texts["userName"], texts["sessionSecondsValid"]) == (org.integration.username, "7200")
    assert texts["organizationName"] == org.name


@pytest.mark.parametrize("word", ["wrong", "{right}TOKEN", ""])
async def test_a_wrong_password_is_told_in_the_recorded_words(http: httpx.AsyncClient, org: Org, word: str) -> None:
    """The org asks for no security token, so one behind the password makes it wrong."""
    word = word.format(right=org.integration.password)
    answer = await post(http, CDATA.format(name=org.integration.username, word=word))
    assert (answer.status_code, answer.text) == (500, INVALID_LOGIN)


async def fault(http: httpx.AsyncClient, body: str | bytes, path: str = PARTNER_60) -> tuple[str, str]:
    answer = await post(http, body, path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/xml; charset=utf-8")
    envelope = ElementTree.fromstring(answer.text)
    return envelope.findtext(".//faultcode") or "", envelope.findtext(".//faultstring") or ""


@pytest.mark.parametrize(
    ("switch", "code"),
    [
        ({"soap_login": False}, "INVALID_OPERATION"),
        ({"ip_restricted": True}, "LOGIN_DURING_RESTRICTED_DOMAIN"),
        ({"api_disabled_users": ["integration@brightside.example"]}, "API_CURRENTLY_DISABLED"),
    ],
)
async def test_an_administrator_may_close_the_door(
    http: httpx.AsyncClient, org: Org, switch: Mapping[str, bool | list[str]], code: str
) -> None:
    assert (await http.post("/twin/setup", json=switch)).status_code == 200
    told, text = await fault(http, filled(CDATA, org))
    assert told == f"sf:{code}"
    assert text.startswith(f"{code}: ")


async def test_an_org_that_is_down_or_closed_to_the_api_gives_no_session(http: httpx.AsyncClient, org: Org) -> None:
    org.faults.api_disabled = True
    assert (await fault(http, filled(CDATA, org)))[0] == "sf:API_DISABLED_FOR_ORG"
    org.faults.unavailable = True
    assert (await post(http, filled(CDATA, org))).status_code == 503


@pytest.mark.parametrize("version", ["30.0", "69.0", "v60.0", "60"])
async def test_a_version_that_is_retired_or_unknown_is_refused(http: httpx.AsyncClient, org: Org, version: str) -> None:
    told = await fault(http, filled(CDATA, org), f"/services/Soap/u/{version}")
    assert told == ("sf:UNSUPPORTED_API_VERSION", "UNSUPPORTED_API_VERSION: Invalid Api version specified on URL")


@pytest.mark.parametrize(
    ("envelope", "path", "operation"),
    [
        (CDATA.replace("login", "query"), PARTNER_60, "{urn:partner.soap.sforce.com}query"),
        (CDATA, "/services/Soap/c/60.0", "{urn:partner.soap.sforce.com}login"),
        (CDATA, "/services/Soap/m/60.0", "{urn:partner.soap.sforce.com}login"),
        (CDATA, "/services/Soap/u/65.0", "{urn:partner.soap.sforce.com}login"),
    ],
)
async def test_every_other_operation_is_named_in_the_fault(
    http: httpx.AsyncClient, org: Org, envelope: str, path: str, operation: str
) -> None:
    code, text = await fault(http, filled(envelope, org), path)
    assert code == "soapenv:Client"
    assert text == f"No operation available for request {operation}, please check the WSDL for the service."


async def test_a_document_type_and_its_entities_are_refused(http: httpx.AsyncClient, org: Org) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + filled(CDATA, org)
    for body in (bomb, bomb.encode("utf-16")):
        assert await fault(http, body) == ("soapenv:Client", "DOCTYPE is not allowed")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=30).map(lambda text: UNPREFIXED.format(name=text, word=text).encode("utf-8", "replace")),
        st.sampled_from(["utf-7", "cp037", "nonsense", "shift_jis"]).map(
            lambda name: f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()
        ),
    )
)
async def test_no_body_but_a_right_one_is_a_session(http: httpx.AsyncClient, body: bytes) -> None:
    code, _ = await fault(http, body)
    assert code in ("soapenv:Client", "sf:INVALID_LOGIN")
