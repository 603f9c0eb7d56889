"""Bulk API 2.0: jobs that write the rows of a CSV file, and jobs that turn a query into one.

The work is done beside the door, on the same loop. Records, rights and events are decided by the org, as everywhere.
"""

from sidebar.twin.rest.bulk import ingest, query

RESOURCES = [*ingest.RESOURCES, *query.RESOURCES]

__all__ = ["RESOURCES"]
