"""SOAP login: a user name and a password for a session. The one call SOAP has here; it knows of no app and no consent.

Off in new orgs, gone from version 65.0 on, to be retired in Summer '27: Salesforce Help, "SOAP API login() Retirement".
"""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.sax.saxutils import escape

from starlette.responses import Response

from sidebar.twin import ids
from sidebar.twin.errors import SalesforceError
from sidebar.twin.oauth.apps import same
from sidebar.twin.org import Org, User, people
from sidebar.twin.org.describe import NEWEST

_WSDLS = {"u": "partner", "c": "enterprise"}
_VERSIONS, _WITH_LOGIN = range(31, int(float(NEWEST)) + 1), range(31, 65)
_NOT_DONE = "soapenv:Client"  # the one fault whose code is SOAP's own
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' {names} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{content}</soapenv:Body>'
    "</soapenv:Envelope>"
)
_FAULT = "<soapenv:Fault><faultcode>{0}</faultcode><faultstring>{1}</faultstring>{2}</soapenv:Fault>"
_DETAIL = (
    '<detail><sf:{0} xsi:type="sf:{0}"><sf:exceptionCode>{1}</sf:exceptionCode>'
    "<sf:exceptionMessage>{2}</sf:exceptionMessage></sf:{0}></detail>"
)
_SESSION = (  # some clients count instead of reading the names
    "<loginResponse><result><metadataServerUrl>{soap}/m/{path}</metadataServerUrl><passwordExpired>false"
    "</passwordExpired><sandbox>false</sandbox><serverUrl>{soap}/{api}/{path}</serverUrl><sessionId>{session}"
    "</sessionId><userId>{user}</userId><userInfo><accessibilityMode>false</accessibilityMode><chatterExternal>false"
    "</chatterExternal><currencySymbol>£</currencySymbol><orgAttachmentFileSizeLimit>5242880"
    "</orgAttachmentFileSizeLimit><orgDefaultCurrencyIsoCode>GBP</orgDefaultCurrencyIsoCode><orgDefaultCurrencyLocale>"
    "en_GB</orgDefaultCurrencyLocale><orgDisallowHtmlAttachments>false</orgDisallowHtmlAttachments>"
    "<orgHasPersonAccounts>false</orgHasPersonAccounts><organizationId>{org}</organizationId><organizationMultiCurrency>"
    "false</organizationMultiCurrency><organizationName>{org_name}</organizationName><profileId>{profile}</profileId>"
    '<roleId xsi:nil="true"/><sessionSecondsValid>{seconds}</sessionSecondsValid><userDefaultCurrencyIsoCode '
    'xsi:nil="true"/><userEmail>{email}</userEmail><userFullName>{name}</userFullName><userId>{user}</userId>'
    "<userLanguage>en_US</userLanguage><userLocale>en_GB</userLocale><userName>{username}</userName><userTimeZone>GMT"
    "</userTimeZone><userType>Standard</userType><userUiSkin>Theme3</userUiSkin></userInfo></result></loginResponse>"
)


def login(org: Org, api: str, version: str, body: bytes) -> Response:
    """The answer to an envelope posted to /services/Soap/{api}/{version}: a session, or a fault with status 500."""
    wsdl = _WSDLS.get(api, "partner")
    try:
        operation = _operation(body)
        _check(api, version, operation.tag)
        user = _user(org, *(operation.findtext(f"{{*}}{name}") or "" for name in ("username", "password")))
    except SalesforceError as error:
        return _answer(500, f'xmlns:sf="urn:fault.{wsdl}.soap.sforce.com"', _fault(error))
    return _answer(200, f'xmlns="urn:{wsdl}.soap.sforce.com"', _session(org, user, api, version))


class _Plain(TreeBuilder):
    """XML without a document type, so without entities of its own."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ParseError("DOCTYPE is not allowed")


def _operation(body: bytes) -> Element:
    """What the envelope asks to be done. Raises SalesforceError for what is no envelope."""
    parser = XMLParser(target=_Plain())  # noqa: S314  without a document type XML is harmless
    try:
        parser.feed(body)
        envelope: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise _refused(_NOT_DONE, str(error)) from None
    if (operation := envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body/*")) is None:
        raise _refused(_NOT_DONE, "A SOAP envelope with an operation in its body is required.")
    return operation


def _check(api: str, version: str, operation: str) -> None:
    number = int(float(version)) if re.fullmatch(r"\d{1,3}\.0", version, re.ASCII) else 0
    if number not in _VERSIONS:
        raise _refused("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    if number not in _WITH_LOGIN or operation != f"{{urn:{_WSDLS.get(api)}.soap.sforce.com}}login":
        message = f"No operation available for request {operation}, please check the WSDL for the service."
        raise _refused(_NOT_DONE, message)


def _user(org: Org, username: str, password: str) -> User:
    """Who signs in. The org asks for no security token, so the password stands alone. Raises SalesforceError."""
    if not org.setup.soap_login:
        cure = "Contact the org administrator to enable SOAP API login()."
        raise _refused("INVALID_OPERATION", f"SOAP API login() is disabled by default in this org. {cure}")
    user = people.named(org.users.values(), username)
    if user is None or not same(password, user.password):
        raise _refused("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
    if org.setup.ip_restricted:
        raise _refused("LOGIN_DURING_RESTRICTED_DOMAIN", "The user isn't allowed to log in from this IP address.")
    if org.faults.api_disabled:
        raise _refused("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    if people.listed(org.setup.api_disabled_users, user):
        raise _refused("API_CURRENTLY_DISABLED", "API is disabled for this User")
    return user


def _session(org: Org, user: User, api: str, version: str) -> str:
    told = {
        "soap": f"{org.instance_url}/services/Soap",
        "path": f"{version}/{org.id[:15]}",
        "session": org.grant(user),
        "org_name": org.name,
        "profile": ids.new("00e", 1 + list(org.profiles).index(user.profile)),
        "seconds": str(org.setup.session_minutes * 60),
    }
    person = {"user": user.id, "name": user.name, "username": user.username, "email": user.email}
    return _SESSION.format(api=api, org=org.id, **{name: escape(text) for name, text in {**told, **person}.items()})


def _refused(code: str, message: str) -> SalesforceError:
    return SalesforceError(500, code, message)


def _fault(error: SalesforceError) -> str:
    code, message = error.code, escape(error.message)
    if code == _NOT_DONE:
        return _FAULT.format(code, message, "")
    detail = _DETAIL.format("LoginFault" if code == "INVALID_LOGIN" else "UnexpectedErrorFault", code, message)
    return _FAULT.format(f"sf:{code}", f"{code}: {message}", detail)


def _answer(status: int, names: str, content: str) -> Response:
    text = _ENVELOPE.format(names=names, content=content)
    return Response(text, status, {"Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private"}, "text/xml")
