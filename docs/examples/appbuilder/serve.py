"""A small Flask-AppBuilder application, to try a map on: `python serve.py FOLDER PORT` (login clerk, secret practice)."""

import sys
from datetime import date
from pathlib import Path

from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.utils.legacy import get_sqla_class
from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import relationship

FOLDER, PORT = Path(sys.argv[1]), int(sys.argv[2])
db = get_sqla_class()()


class Station(Model):
    """Where a meter is read."""

    __tablename__ = "station"
    id = Column(Integer, primary_key=True)
    name = Column(String(40), nullable=False)

    def __repr__(self) -> str:
        return str(self.name)


class Meter(Model):
    """A record to fill."""

    __tablename__ = "meter"
    id = Column(Integer, primary_key=True)
    number = Column(String(20), unique=True, nullable=False)
    owner = Column(String(40), nullable=False)
    mobile = Column(String(11))
    installed = Column(Date)
    smart = Column(Boolean, default=False)
    remark = Column(Text)
    station_id = Column(Integer, ForeignKey("station.id"))
    station = relationship("Station")

    def __repr__(self) -> str:
        return str(self.number)


class MeterView(ModelView):
    """The stock pages."""

    datamodel = SQLAInterface(Meter)
    list_columns = ["number", "owner", "mobile", "station"]
    edit_columns = add_columns = ["number", "owner", "mobile", "installed", "smart", "remark", "station"]


def make(builder: AppBuilder) -> None:
    """Tables, a clerk and a few records."""
    security = builder.sm
    security.add_user("clerk", "Ada", "Clerk", "clerk@example.com", security.find_role("Admin"), "practice")
    stations = [Station(name=name) for name in ("North", "South")]
    db.session.add_all(stations)
    for number in range(1, 31):
        one = Meter(number=f"M{number:03}", owner=f"Owner {number}", installed=date(2020, 1, 1), station=stations[0])
        db.session.add(one)
    db.session.commit()


def main() -> None:
    """Serve until stopped."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="practice-practice-practice-practice", SQLALCHEMY_DATABASE_URI=f"sqlite:///{FOLDER / 'appbuilder.sqlite'}",
        RATELIMIT_ENABLED=False,
    )  # fmt: skip
    db.init_app(app)
    with app.app_context():
        builder = AppBuilder(app, db.session)
        builder.add_view(MeterView, "Meters")
        db.create_all()
        if not db.session.query(Meter).count():
            make(builder)
    app.run("127.0.0.1", PORT, threaded=True)


if __name__ == "__main__":
    main()
