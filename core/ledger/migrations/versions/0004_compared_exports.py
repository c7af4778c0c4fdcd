"""Exports of the archive that were compared with the one before them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("batch", sa.Column("compared", sa.Integer(), server_default="0", nullable=False))
    batch = sa.table("batch", sa.column("kind"), sa.column("business_date"), sa.column("compared"))
    exports = batch.c.kind == "archive"
    last = sa.select(sa.func.max(batch.c.business_date)).where(exports).scalar_subquery()
    # earlier nights have compared theirs; the last one may have been killed before it did, and comparing again changes nothing
    op.execute(batch.update().where(exports, batch.c.business_date < last).values(compared=1))
