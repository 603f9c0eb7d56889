"""The twin: a local Salesforce org that speaks the real wire protocols, for anyone who has no org at hand.

Written from Salesforce's documentation and from recordings only. Knows the wire and nothing else of ours.
"""

from sidebar.twin.run import Twin, serve_twin

__all__ = ["Twin", "serve_twin"]
