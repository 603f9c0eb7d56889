"""A contact to work on, and somebody who may do less than the administrator."""

import httpx
import pytest

from sidebar.twin.org import Actor, Org

V = "/services/data/v60.0"
NOT_FOUND = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]


@pytest.fixture
def contact(org: Org) -> str:
    fields = {"LastName": "Okafor", "FirstName": "Amara", "Email": "amara.okafor@brightloom.example"}
    return org.create(Actor(org.admin), "Contact", fields)


def as_colleague(client: httpx.AsyncClient, org: Org) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"OAuth {org.grant(org.colleague)}"
    return client
