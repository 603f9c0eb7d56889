"""The cast is complete and looks like people who really wrote."""

import phonenumbers
import pytest

from sidebar.demo.conversations import CONVERSATIONS, find
from sidebar.demo.conversations.shape import Conversation, Customer

each = pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.id)


def test_many_languages_and_every_channel_are_there():
    assert {one.language for one in CONVERSATIONS} == {"en", "pl", "fr", "de", "ja", "ar", "pt"}
    assert {one.channel for one in CONVERSATIONS} == {"email", "whatsapp", "sms", "call", "chat"}


def test_conversations_and_customers_are_told_apart():
    assert len({one.id for one in CONVERSATIONS}) == len(CONVERSATIONS)
    assert len({one.customer.external_id for one in CONVERSATIONS}) == len(CONVERSATIONS)


def test_a_conversation_is_found_by_its_id_and_an_unknown_id_finds_none():
    assert find("zofia") in CONVERSATIONS
    assert find("nobody") is None


@each
def test_a_thread_has_five_to_eight_messages_with_both_sides(conversation: Conversation):
    assert 5 <= len(conversation.messages) <= 8
    assert {"customer", "agent"} <= {message.side for message in conversation.messages}


@each
def test_only_fictional_addresses_and_whole_numbers_are_used(conversation: Conversation):
    customer = conversation.customer
    assert customer.emails or customer.phones
    assert all(email.endswith(".example") for email in customer.emails)
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(phone)) for phone in customer.phones)


def test_a_number_stands_for_a_name_nobody_gave():
    assert Customer("1", phones=("+14155550100",)).label == "+1 415-555-0100"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Amara Okafor", "AO"),
        ("Jürgen W.", "JW"),
        ("山田 花子", "山"),
        ("ليلى حداد", "ل"),
        ("Visitor 4821", "V"),
        ("", ""),
    ],
)
def test_an_avatar_has_two_capitals_or_one_sign(name: str, initials: str):
    assert Customer("1", name=name).initials == initials
