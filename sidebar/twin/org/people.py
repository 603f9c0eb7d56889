"""The org and who works in it. Fictional people with fixed ids, so that a client's notes about them stay true."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sidebar.twin import ids
from sidebar.twin.org.describe import NEWEST
from sidebar.twin.org.rows import Row

REST = f"com/salesforce/api/rest/{NEWEST}"
PAGE = f"com/salesforce/api/soap/{NEWEST};client=SfdcInternalAPI/"
_PLACE: Row = {"LanguageLocaleKey": "en_US", "TimeZoneSidKey": "GMT"}


@dataclass(frozen=True, slots=True)
class User:
    """`profile` names an entry of permissions.PROFILES, such as "System Administrator" or "Support"."""

    id: str
    username: str
    password: str = field(repr=False)
    name: str
    email: str
    profile: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and through which door: `origin` is what change events carry as changeOrigin."""

    user: User
    origin: str = REST


def seeded() -> tuple[User, User, User]:
    """The administrator, the user integrations connect as, and a colleague who works on records."""
    return (
        _user(1, "Morgan Vale", "admin", "System Administrator"),
        _user(2, "Sidebar Integration", "integration", "System Administrator"),
        _user(3, "Robin Castell", "robin", "Support"),
    )


def named(users: Iterable[User], username: str) -> User | None:
    """Who logs in with this user name; case does not matter."""
    return next((user for user in users if user.username.lower() == username.lower()), None)


def listed(usernames: Iterable[str], user: User) -> bool:
    return any(named([user], name) for name in usernames)


def barred(only: Collection[str], user: User) -> bool:
    """Whether a list of the only users leaves this one out; an empty list leaves out nobody."""
    return bool(only) and not listed(only, user)


def user_row(user: User) -> Row:
    """The User record of a user."""
    first, _, last = user.name.rpartition(" ")
    return {
        "Id": user.id,
        "Username": user.username,
        "FirstName": first,
        "LastName": last,
        "Email": user.email,
        "Alias": user.username.partition("@")[0][:8],
        "IsActive": True,
        "UserType": "Standard",
        **_PLACE,
        "LocaleSidKey": "en_GB",
    }


def organization_row(id_: str, name: str, edition: str) -> Row:
    """The one Organization record. The org lives on GMT, so the days of its date literals are UTC days."""
    return {
        "Id": id_,
        "Name": name,
        "OrganizationType": edition,
        "InstanceName": "TWIN1",
        "IsSandbox": False,
        "Country": "GB",
        **_PLACE,
        "DefaultLocaleSidKey": "en_GB",
    }


def _user(number: int, name: str, alias: str, profile: str) -> User:
    return User(
        id=ids.new("005", number),
        username=f"{alias}@brightside.example",
        password=f"{alias}-of-the-twin-1",
        name=name,
        email=f"{alias}@brightside.example",
        profile=profile,
    )
