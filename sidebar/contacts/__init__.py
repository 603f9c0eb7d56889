"""Whom are we talking to: find the Salesforce Contact behind a conversation, show its fields, correct them."""
