"""Alembic's entry: run the migrations on the connection Database.migrate hands over."""

from alembic import context

from sidebar.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
