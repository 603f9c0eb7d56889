"""A small business to ask about: two accounts, their people, a lead, tasks, deals and subscriptions."""

from dataclasses import dataclass

import pytest

from sidebar.twin.errors import SalesforceError
from sidebar.twin.org import Org
from sidebar.twin.org.rows import Row
from sidebar.twin.query import soql

from ..conftest import Clock


@dataclass
class World:
    org: Org
    clock: Clock
    ids: dict[str, str]

    def ask(self, text: str) -> list[Row]:
        """The records of a statement; {name} stands for the id of what was loaded under that name."""
        found = soql.run(self.org, self.org.admin, text.format(**self.ids))
        return soql.shown(found, 0, 2000, "60.0")

    def values(self, text: str) -> list[object]:
        """The first column of the answer."""
        return [list(row.values())[1] for row in self.ask(text)]

    def refusal(self, text: str) -> SalesforceError:
        with pytest.raises(SalesforceError) as refused:
            self.ask(text)
        return refused.value

    def put(self, name: str, object_name: str, **fields: object) -> None:
        self.ids[name] = self.org.load(object_name, [fields])[0]


@pytest.fixture
def world(org: Org, clock: Clock) -> World:
    made = World(org, clock, {"admin": org.admin.id})
    made.put("loom", "Account", Name="Brightloom Ltd", Industry="Apparel", NumberOfEmployees=40, Type="Prospect")
    made.put("pine", "Account", Name="Harbor & Pine", Industry="Retail", AnnualRevenue=1_000_000)
    made.put("amara", "Contact", FirstName="Amara", LastName="Okafor", AccountId=made.ids["loom"], LeadSource="Web")
    made.put("dana", "Contact", FirstName="Dana", LastName="Whitfield", AccountId=made.ids["pine"], LeadSource="Web")
    made.put("lee", "Contact", LastName="Lee", AccountId=made.ids["pine"], ReportsToId=made.ids["dana"])
    made.put("weiss", "Contact", FirstName="Jürgen", LastName="Weiß", LeadSource="Other", OwnerId=org.colleague.id)
    made.put("lead", "Lead", LastName="Novak", Company="Tall Pines", Status="Open - Not Contacted")
    made.put("call", "Task", Subject="Call", WhoId=made.ids["amara"], WhatId=made.ids["loom"], Status="Not Started")
    made.put("mail", "Task", Subject="Mail", WhoId=made.ids["lead"], Status="Completed", ActivityDate="2026-11-20")
    made.put("deal", "Opportunity", Name="Big", AccountId=made.ids["pine"], Amount=1250.5, StageName="Prospecting")
    made.put("small", "Opportunity", Name="Small", AccountId=made.ids["pine"], Amount=100, StageName="Closed Won")
    made.put("basic", "Subscription__c", Contact__c=made.ids["amara"], Account__c=made.ids["loom"])
    return made
