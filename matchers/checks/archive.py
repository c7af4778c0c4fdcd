"""Checks of the account itself: its number, dates, codes, organisation and state."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, cast

import numpy as np
import numpy.typing as npt

from matchers.archive import ACCOUNT_FIELDS
from matchers.checks import Ceiling, Detail, Hits, OneOf, check, flagged, judged, judged_contacts
from matchers.columns import MISSING, Coded, pairs
from matchers.normal import text as texts
from matchers.scene import Scene, larger_groups

_TEXTS = ("cons_name", "elec_addr", "quarter_name", "remark", "contact_name")
_BENEFITS = ("low_income", "many_people")
_DATES = ("build_date", "ps_date", "cancel_date")


@check("cons_no")
def account_number(scene: Scene, *, lengths: tuple[int, ...]) -> list[Hits]:
    """An account number of another length than configured, or one that stands twice."""
    column = scene.archive.column("cons_no")
    odd = column.rows(not (text.isascii() and text.isdigit() and len(text) in lengths) for text in column.values)
    twice = larger_groups(column.codes, 1) > 0
    return [
        *flagged("cons_no", column, odd | ~column.present(), Detail(cls="N", params={"why": "format"})),
        *flagged("cons_no", column, twice & ~odd, Detail(cls="N", params={"why": "twice"})),
    ]


@check(*_DATES)
def date_order(scene: Scene) -> list[Hits]:
    """Opened after supplied, closed before opened, or a day in the future."""
    today = scene.archive.as_of.toordinal()
    days = {name: _ordinals(scene, name) for name in _DATES}
    built, supplied, closed = (days[name] for name in _DATES)
    wrong = {
        "build_date": (built > today) | ((built > 0) & (supplied > 0) & (built > supplied)),
        "ps_date": supplied > today,
        "cancel_date": (closed > today) | ((closed > 0) & (built > 0) & (closed < built)),
    }
    return [hit for name, rows in wrong.items() for hit in flagged(name, scene.archive.column(name), rows, Detail())]


def _ordinals(scene: Scene, name: str) -> npt.NDArray[np.int64]:
    """The day of each row as a number (proleptic Gregorian ordinal), 0 where there is none."""
    numbers = np.array([day.value.toordinal() if day.value else 0 for day in scene.days(name)], dtype=np.int64)
    codes = scene.archive.column(name).codes
    return (
        np.where(codes == MISSING, 0, numbers[np.maximum(codes, 0)])
        if len(numbers)
        else np.zeros(len(codes), dtype=np.int64)
    )


@check("org_no", extra=("orgs",))
def organisation(scene: Scene) -> list[Hits]:
    """No organisation, or one that is not in the tree."""
    known = cast("Collection[str]", scene.archive.extra["orgs"])
    column = scene.archive.column("org_no")
    return flagged("org_no", column, ~column.isin(known), Detail(cls="B"))


@check()
def empty(scene: Scene, *, field: Annotated[str, OneOf(ACCOUNT_FIELDS)], cls: Ceiling = "B") -> list[Hits]:
    """A field that every active account should have; a word for nothing (无, -) is no manager and no way of paying either."""
    if field not in scene.archive.columns:
        return []
    column = scene.archive.column(field)
    told = column.rows(not texts.meaning(text) for text in column.values)
    return flagged(field, column, scene.active & ~told, Detail(cls=cls))


@check("notify_mode", "mobile")
def notice_without_mobile(scene: Scene) -> list[Hits]:
    """Notices go out as text messages, and no contact has a mobile number that can exist."""
    reachable = np.zeros(len(scene.archive), dtype=np.bool_)
    valid = scene.archive.contacts["mobile"].rows(any(n.valid for n in cell.numbers) for cell in scene.phones("mobile"))
    owners = scene.archive.contact_of[valid]
    reachable[owners[owners != MISSING]] = True
    column = scene.archive.column("notify_mode")
    return flagged("notify_mode", column, column.isin(("sms",)) & ~reachable, Detail())


@check()
def damaged(scene: Scene) -> list[Hits]:
    """Text that was read with the wrong encoding; a strict second reading that gives only known characters is a sure repair."""
    hits = []
    for name in _TEXTS:
        if name in scene.archive.columns:
            hits += judged(name, scene.archive.column(name), _damage)
        elif name in scene.archive.contacts:
            hits += judged_contacts(scene, name, _damage)
    return hits


def _damage(text: str) -> Detail | None:
    if texts.tidy(text):
        return None
    found = texts.repair(text)
    if found.lost:
        return Detail(value=text)
    if {"mojibake", "entity"} & set(found.reasons):
        return Detail(value=text, cls="A", repair=found.normal)
    return None


@check()
def unknown_code(scene: Scene) -> list[Hits]:
    """A value that is in no code table; a synonym with one meaning is a sure repair."""
    hits = []
    for name, table in scene.reference.code_fields.items():

        def judge(value: str, table: str = table) -> Detail | None:
            code = scene.reference.canonical(table, value.removeprefix("?"))
            if value in scene.reference.codes[table]:
                return None
            return Detail(value=value, cls="A" if code else "C", repair=code)

        if name in scene.archive.columns:
            hits += judged(name, scene.archive.column(name), judge)
        elif name in scene.archive.contacts:
            hits += judged_contacts(scene, name, judge)
    return hits


@check("cons_status_code")
def in_change(scene: Scene) -> list[Hits]:
    """The account is being changed, or has an open work order that is not ours: nothing may be written."""
    column: Coded = scene.archive.column("cons_status_code")
    open_orders = cast("Collection[str]", scene.archive.extra.get("open_orders", ()))
    busy = column.isin(("changing",)) | scene.archive.keys.isin(open_orders)
    return flagged("cons_status_code", column, busy, Detail(cls="N"))


@check("mr_sect_no", "tg_no")
def reading_section(scene: Scene, *, fewest: int, share: float) -> list[Hits]:
    """A reading section other than the one that almost all accounts of the same transformer area are in."""
    sections, areas = scene.archive.column("mr_sect_no"), scene.archive.column("tg_no")
    both = pairs(areas, sections)
    total = np.bincount(areas.codes[both >= 0], minlength=len(areas.values) + 1)[areas.codes]
    mine = np.bincount(both[both >= 0], minlength=1)[np.maximum(both, 0)]
    most = np.zeros(len(areas.values) + 1, dtype=np.int64)
    np.maximum.at(most, areas.codes[both >= 0], mine[both >= 0])
    leading = most[areas.codes]
    odd = (both >= 0) & scene.active & (leading >= fewest) & (leading >= share * total) & (mine < leading)
    return flagged("mr_sect_no", sections, odd, Detail())


@check("multi_person_flag", "cert_no", extra=("benefits",))
def benefit_ended(scene: Scene, *, benefit: Annotated[str, OneOf(_BENEFITS)]) -> list[Hits]:
    """A benefit without an entry of the civil-affairs list that is valid today."""
    known = cast("Mapping[str, Sequence[tuple[str, str, str]]]", scene.archive.extra["benefits"])
    today = scene.archive.as_of.isoformat()

    def proven(number: str) -> bool:
        return any(
            kind == benefit and state == "valid" and (not last or last >= today)
            for kind, last, state in known.get(number, ())
        )

    column = scene.archive.column("multi_person_flag")
    covered = scene.archive.column("cert_no").rows(proven(cert.normal) for cert in scene.certs)
    return flagged("multi_person_flag", column, column.isin(_YES) & ~covered & scene.active, Detail())


_YES = ("true", "True", "1", "是", "Y", "y")


@check("update_time")
def long_unchanged(scene: Scene, *, years: int) -> list[Hits]:
    """An account that nobody has changed for this many years."""
    column = scene.archive.column("update_time")
    oldest = scene.archive.as_of.toordinal() - round(years * 365.2425)
    day = scene.ordinals(column)
    return flagged("update_time", column, (day > 0) & (day < oldest) & scene.active, Detail(params={"years": years}))
