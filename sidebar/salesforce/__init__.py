"""Salesforce on the wire: sign-in, REST, SOQL and SOSL, change events. Reads beside Salesforce's own manuals.

This room knows nothing of workspaces, panels or our database: tokens and an HTTP client come in, records go out.
"""
