"""The data API under /services/data: the door that counts and refuses, and what each address of it does."""

from sidebar.twin.rest.door import app

__all__ = ["app"]
