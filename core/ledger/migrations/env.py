"""Alembic's door: runs the migrations on the URL that core.ledger.store hands over."""

from alembic import context

from core.ledger.store import connect
from core.ledger.tables import metadata

engine = connect(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
