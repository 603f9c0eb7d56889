"""What stands in a new org: the cast, a crowd from many countries, their companies and business.

The same count and number always give the same people. Must not know how rows are kept.
"""

from collections.abc import Iterator
from itertools import cycle
from random import Random

from sidebar.twin.org import Org, Row
from sidebar.twin.seed import business
from sidebar.twin.seed.cast import Company, cast
from sidebar.twin.seed.crowd import Crowd, countries

_INDUSTRIES = ("Manufacturing", "Retail", "Technology", "Media", "Transportation", "Healthcare")
_LEADS = 37  # beside those of the cast
_BUSY = 120  # so many of the crowd have something going on
_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")


def seed(org: Org, contacts: int = 300, number: int = 2) -> None:
    """Fill an empty org with `contacts` people, the cast first, their companies and business. No events.

    Nothing at all for 0 contacts."""
    if contacts < 1:
        return
    companies = [*cast().companies, *_companies()]
    ids = org.load("Account", map(_account, companies))
    accounts = {company.domain: id_ for company, id_ in zip(companies, ids, strict=True)}
    kinds = {kind.name: kind.id for kind in org.sobject("Contact").record_types}
    known = org.load("Contact", [_contact(row, accounts, kinds) for row in cast().contacts[:contacts]])
    crowd = Crowd(Random(number), accounts, kinds)  # noqa: S311
    people = org.load("Contact", (crowd.person() for _ in range(contacts - len(known))))
    leads = [crowd.lead(status) for _, status in zip(range(_LEADS), cycle(_STATUSES), strict=False)]
    business.load(org, known, people[:_BUSY], leads)


def _companies() -> Iterator[Company]:
    """Those of the crowd."""
    for place in countries():
        for index, (name, domain) in enumerate(zip(place.companies, place.domains, strict=True)):
            industry = _INDUSTRIES[(index + len(place.country)) % len(_INDUSTRIES)]
            yield Company(name, domain, place.country, place.cities[index % len(place.cities)], industry)


def _account(company: Company) -> Row:
    return {
        "Name": company.name,
        "Website": f"https://{company.domain}.example",
        "Industry": company.industry,
        "Type": "Customer - Direct",
        "BillingCity": company.city,
        "BillingCountry": company.country,
    }


def _contact(row: Row, accounts: dict[str, str], kinds: dict[str, str]) -> Row:
    company = next(company for company in cast().companies if company.domain == row["company"])
    own = {name: value for name, value in row.items() if name != "company"}
    return own | {
        "RecordTypeId": kinds[str(row.get("RecordTypeId", "Customer"))],
        "AccountId": accounts[company.domain],
        "MailingCity": company.city,
        "MailingCountry": company.country,
    }
