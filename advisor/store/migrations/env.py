"""How Alembic runs our migrations: on the connection that is handed over, inside its transaction."""

from alembic import context

from advisor.store.schema import VERSION_TABLE
from advisor.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
