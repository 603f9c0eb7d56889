"""People by the thousand into an SQLite database, as records with their marks and as local contacts with their keys.

In bulk, since a million would take an hour through the product's doors; what it writes is what those would write.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

ORG, WORKSPACE = "00D000000000001EAA", "bench"
_EMAIL = "printf('ada.%06d@index.example', n)"
_PHONE = "printf('+44207%07d', n + 1000000)"
_VALUES = f"""json_object('LastName', 'Index', 'FirstName', 'Ada', 'Email', {_EMAIL}, 'Phone', {_PHONE},
    'Title', 'Neighbour', 'MailingCity', 'London', 'MailingCountry', 'United Kingdom')"""
_RECORD, _CONTACT = "printf('003%012dAAA', n)", "printf('%022d', n)"
_ROWS = {
    'records (org_id, id, "values", modified_at, appeared_at, deleted, dirty, arrival, sweep)': (
        f"'{ORG}', {_RECORD}, {_VALUES}, 1700000000000, 1700000000000, 0, 0, 'old', 1"
    ),
    "contacts (id, workspace_id, salesforce_id, name, email, phone, source, tags, dormant, created_at)": (
        f"{_CONTACT}, '{WORKSPACE}', {_RECORD}, 'Ada Index', {_EMAIL}, {_PHONE}, 'salesforce', '[]', 0, n"
    ),
    "record_marks (org_id, mark, record_id)": (
        f"'{ORG}', 'e:' || {_EMAIL}, {_RECORD}",
        f"'{ORG}', 'p:' || printf('%07d', n + 1000000), {_RECORD}",
    ),
    "contact_keys (workspace_id, key, contact_id)": (
        f"'{WORKSPACE}', 'email:' || {_EMAIL}, {_CONTACT}",
        f"'{WORKSPACE}', 'phone:' || {_PHONE}, {_CONTACT}",
    ),
}


def email_of(number: int) -> str:
    return f"ada.{number:06}@index.example"


def phone_of(number: int) -> str:
    return f"+44207{number + 1_000_000:07}"


def id_of(number: int) -> str:
    """Its record's."""
    return f"003{number:012}AAA"


def fill(path: Path, people: int) -> int:
    """Tables and workspace are there. Says of how many bytes the file then is."""
    count = f"WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {people - 1})"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, rows in _ROWS.items():
            for row in [rows] if isinstance(rows, str) else rows:
                connection.execute(f"INSERT INTO {table} {count} SELECT {row} FROM numbers")
                connection.commit()  # lest the log grow as large as the file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def texts(people: int) -> int:
    """Bytes of the same people as JSON texts."""
    one = {"LastName": "Index", "FirstName": "Ada", "Email": email_of(0), "Phone": phone_of(0)}
    there = {"Title": "Neighbour", "MailingCity": "London", "MailingCountry": "United Kingdom"}
    return len(json.dumps({**one, **there})) * people
