"""A small Flask-Admin application, to try a map on: `python serve.py FOLDER PORT`. Nobody logs in."""

import sys
from datetime import date
from pathlib import Path

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Boolean, Date, Enum, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

FOLDER, PORT = Path(sys.argv[1]), int(sys.argv[2])
db = SQLAlchemy()


class Station(db.Model):
    """Where a meter is read."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))

    def __str__(self) -> str:
        return self.name


class Meter(db.Model):
    """A record to fill."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    owner: Mapped[str] = mapped_column(String(40))
    mobile: Mapped[str | None] = mapped_column(String(11))
    phase: Mapped[str | None] = mapped_column(Enum("single", "three", name="phase"))
    installed: Mapped[date | None] = mapped_column(Date)
    smart: Mapped[bool] = mapped_column(Boolean, default=False)
    remark: Mapped[str | None] = mapped_column(Text)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    station: Mapped[Station | None] = relationship()


class MeterView(ModelView):
    """The stock pages, with a search."""

    column_searchable_list = ["number"]
    column_list = ["number", "owner", "mobile", "station"]
    form_columns = ["number", "owner", "mobile", "phase", "installed", "smart", "remark", "station"]


def main() -> None:
    """Serve until stopped; a new folder gets tables and a few records."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="practice", SQLALCHEMY_DATABASE_URI=f"sqlite:///{FOLDER / 'flask_admin.sqlite'}")
    db.init_app(app)
    Admin(app, name="Meters").add_view(MeterView(Meter, db.session))
    with app.app_context():
        db.create_all()
        if not db.session.query(Meter).count():
            north = Station(name="North")
            db.session.add_all([north, Station(name="South")])
            db.session.add_all(
                Meter(number=f"M{n:03}", owner=f"Owner {n}", smart=False, station=north) for n in range(1, 31)
            )
            db.session.commit()
    app.run("127.0.0.1", PORT, threaded=True)


if __name__ == "__main__":
    main()
