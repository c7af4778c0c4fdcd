"""The ledger of quarters: where people live, as imported, or proposed from addresses and settled by a person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "quarter",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("whole", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("support", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["quarter.id"], name=op.f("fk_quarter_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter")),
        sa.UniqueConstraint("county", "name", name=op.f("uq_quarter_county_name")),
    )
    op.create_table(
        "quarter_alias",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("quarter_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=True),
        sa.Column("valid_to", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("support", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_quarter_alias_quarter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter_alias")),
        sa.UniqueConstraint("quarter_id", "name", name=op.f("uq_quarter_alias_quarter_id_name")),
    )
    op.create_table(
        "quarter_building",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("quarter_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("rooms", sa.LargeBinary(), nullable=False),
        sa.Column("whole", sa.Integer(), server_default="0", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("support", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_quarter_building_quarter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter_building")),
        sa.UniqueConstraint("quarter_id", "phase", "name", name=op.f("uq_quarter_building_quarter_id_phase_name")),
    )
