"""What Sidebar remembers: all SQL lives in this room, on SQLite or PostgreSQL alike.

Functions take an open connection (`Database.read()` or `Database.write()`), so the caller decides what is one
transaction. Secrets arrive here already encrypted. Timestamps are milliseconds UTC.
"""
