"""The OAuth and identity addresses: who may have a token, and whose token it is."""

from sidebar.twin.oauth.flow import routes

__all__ = ["routes"]
