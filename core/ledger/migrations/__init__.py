"""The ledger's versions (Alembic)."""

NEWEST = "0004"
