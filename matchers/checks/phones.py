"""Checks of telephone numbers in the contacts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, cast

import numpy as np
import numpy.typing as npt

from matchers.archive import ACCOUNT_FIELDS
from matchers.checks import Ceiling, CodeOf, Detail, Hits, OneOf, check, flagged, placed_contacts
from matchers.columns import MISSING, Coded, Flags, equal, spread
from matchers.normal.phones import PROBLEMS, Phones
from matchers.scene import Scene

FIELDS = ("mobile", "home_phone")
_STATES = ("in_use", "stopped", "cancelled", "not_usable", "ending", "off")
_TIDY = ("separator", "country_code", "width", "invisible")


@check("mobile")
def missing(scene: Scene) -> list[Hits]:
    """An account without any number in any contact; a name or a word for nothing (无) is none."""
    called = np.zeros(len(scene.archive), dtype=np.bool_)
    for name in FIELDS:
        if name in scene.archive.contacts:
            told = scene.archive.contacts[name].rows(bool(cell.numbers) for cell in scene.phones(name))
            rows = scene.archive.contact_of[told]
            called[rows[rows != MISSING]] = True
    nothing = Coded(np.empty(0, dtype=object), np.full(len(scene.archive), MISSING, dtype=np.int32))
    return flagged("mobile", nothing, ~called & scene.active, Detail(cls="B"))


@check("mobile")
def has(scene: Scene, *, problems: Annotated[tuple[str, ...], OneOf(PROBLEMS)], cls: Ceiling = "C") -> list[Hits]:
    """A number of which the parser says this: placeholder, unallocated, masked, service …"""
    wanted = frozenset(problems)
    return _cells(scene, lambda cell: _detail(cell, cls) if wanted & {n.problem for n in cell.numbers} else None)


@check("mobile")
def malformed(scene: Scene) -> list[Hits]:
    """Neither a mobile number nor a landline; separators, +86 and width around one right number are a sure repair."""
    return _cells(scene, _malformed)


def _malformed(cell: Phones) -> Detail | None:
    if cell.numbers and not cell.reasons:
        return None
    if any(number.problem in {"length", "area_code", "service"} for number in cell.numbers) or not cell.numbers:
        return _detail(cell, "C")
    tidy = set(cell.reasons) & set(_TIDY)
    if len(cell.numbers) != 1 or not (tidy or cell.rest) or not cell.numbers[0].valid:
        return None
    if cell.rest:
        return _detail(cell, "C")
    return Detail(value=cell.original, cls="A", repair=cell.numbers[0].normal, params={"dirt": " ".join(sorted(tidy))})


@check("mobile")
def no_area_code(scene: Scene) -> list[Hits]:
    """A landline without its area code; the city of the account's organisation gives it."""
    hits = []
    for name in FIELDS:
        column = scene.archive.contacts.get(name)
        if column is None:
            continue
        local = column.rows(any(n.kind == "local" for n in cell.numbers) for cell in scene.phones(name))
        hits += _completed(scene, name, column, local)
    return hits


def _completed(scene: Scene, name: str, column: Coded, local: Flags) -> list[Hits]:
    """One group of hits for each city, since the same digits have another area code elsewhere."""
    cities = scene.cities
    place = spread(scene.archive.contact_of, cities.codes, MISSING)
    hits = []
    for code in np.unique(place[local]):
        area = scene.reference.area_code_of.get(str(cities.values[code])) if code != MISSING else None
        detail = Detail(cls="A" if area else "C", params={"area_code": area or ""})
        found = flagged(name, column, local & (place == code), detail, contact_of=scene.archive.contact_of)
        hits += [
            Hits(h.field, h.rows, h.contacts, h.codes, tuple(_with_area(d, area) for d in h.details)) for h in found
        ]
    return hits


def _with_area(detail: Detail, area: str | None) -> Detail:
    digits = "".join(c for c in detail.value if c.isdigit())
    sure = area is not None and len(digits) in {7, 8}
    return Detail(
        value=detail.value, cls="A" if sure else "C", repair=f"{area}-{digits}" if sure else None, params=detail.params
    )


@check("mobile")
def several(scene: Scene) -> list[Hits]:
    """More than one number in a cell; each gets a contact row of its own."""

    def judge(cell: Phones) -> Detail | None:
        if len(cell.numbers) < 2:
            return None
        sure = not cell.rest and all(number.valid for number in cell.numbers)
        split = " ".join(number.normal for number in cell.numbers)
        return Detail(
            value=cell.original,
            cls="A" if sure else "C",
            repair=split if sure else None,
            params={"count": len(cell.numbers)},
        )

    return _cells(scene, judge)


@check("mobile", "cert_no")
def too_many_accounts(scene: Scene, *, limit: int) -> list[Hits]:
    """One mobile number on the accounts of more different holders than the limit; one person's own accounts count once."""
    column, owners = _first_mobiles(scene), scene.archive.contact_of
    holders = _holders(scene)[np.maximum(owners, 0)]
    known = (column.codes != MISSING) & (owners != MISSING)
    distinct = np.unique(np.stack([column.codes[known], holders[known]]), axis=1)
    sizes = np.bincount(distinct[0], minlength=len(column.values) + 1)
    many = known & (sizes[np.maximum(column.codes, 0)] > limit)
    return flagged("mobile", scene.archive.contacts["mobile"], many, Detail(params={"limit": limit}), contact_of=owners)


def _holders(scene: Scene) -> npt.NDArray[np.int64]:
    """A number for each account's holder: the certificate's, or the account's own where there is none."""
    certs = scene.cert_keys.codes.astype(np.int64)
    return np.where(certs == MISSING, np.arange(len(certs)) + len(certs), certs)


def _first_mobiles(scene: Scene) -> Coded:
    cells = scene.phones("mobile")
    return scene.archive.contacts["mobile"].renamed(
        next((n.normal for n in cell.numbers if n.kind == "mobile"), None) for cell in cells
    )


@check("mobile", extra=("staff_numbers",))
def of_staff(scene: Scene) -> list[Hits]:
    """The number of a meter reader, an agent or a hotline."""
    return _with_one_of(scene, cast("frozenset[str]", scene.archive.extra["staff_numbers"]), "N")


@check("mobile", extra=("number_status",))
def not_in_service(scene: Scene, *, states: Annotated[tuple[str, ...], OneOf(_STATES)]) -> list[Hits]:
    """A number that the carrier reports as stopped, cancelled or never used."""
    known = cast("Mapping[str, str]", scene.archive.extra["number_status"])

    def judge(cell: Phones) -> Detail | None:
        found = [known[n.normal] for n in cell.numbers if known.get(n.normal) in states]
        return Detail(value=cell.original, cls="B", params={"status": found[0]}) if found else None

    return _cells(scene, judge)


@check("mobile", extra=("reassigned",))
def reassigned(scene: Scene) -> list[Hits]:
    """A number that the carrier has given to somebody else since."""
    known = cast("Mapping[str, str]", scene.archive.extra["reassigned"])
    return _with_one_of(scene, {number for number, said in known.items() if said == "yes"}, "C")


@check("mobile")
def far_from_home(scene: Scene) -> list[Hits]:
    """A mobile number that was allocated to another city of the province; says little, since people move."""
    served = {city.removesuffix("市") for city in scene.reference.cities}

    def judge(cell: Phones) -> Detail | None:
        homes = [scene.reference.home_city(n.normal) for n in cell.numbers if n.kind == "mobile" and n.valid]
        far = [home for home in homes if home is not None and home not in served]
        return Detail(value=cell.original, cls="N", params={"city": far[0]}) if far else None

    return _cells(scene, judge)


@check("mobile", "cons_no")
def other_number(scene: Scene, *, fields: Annotated[tuple[str, ...], OneOf(ACCOUNT_FIELDS)]) -> list[Hits]:
    """A phone field that holds the account's own number, its meter's or its holder's ID, or a long piece of one."""
    hits = []
    for name in FIELDS:
        column = scene.archive.contacts.get(name)
        if column is None:
            continue
        same = np.zeros(len(column), dtype=np.bool_)
        digits = column.each(lambda text: text if text.isdigit() else "".join(c for c in text if c.isdigit()))
        for other in fields:
            same |= _inside(column, digits, scene.archive.column(other).take(scene.archive.contact_of))
        hits += flagged(name, column, same, Detail(), contact_of=scene.archive.contact_of)
    return hits


def _inside(phone: Coded, digits: Sequence[str], other: Coded) -> Flags:
    """Rows whose phone cell has at least seven digits, all of which stand in the other value (each distinct pair once)."""
    many = np.fromiter((len(found) > _SIX for found in digits), np.bool_, len(digits))
    both = spread(phone.codes, many, False) & other.present()
    width = len(other.values) + 1
    packed, places = np.unique(phone.codes[both].astype(np.int64) * width + other.codes[both], return_inverse=True)
    mine, theirs = np.array([*digits, ""], dtype=object)[packed // width], other.values[packed % width]
    rows = np.zeros(len(phone), dtype=np.bool_)
    rows[both] = np.array([one in two for one, two in zip(mine, theirs, strict=True)], dtype=np.bool_)[places]
    return rows


_SIX = 6


def _detail(cell: Phones, cls: str) -> Detail:
    return Detail(value=cell.original, cls=cls)


def _with_one_of(scene: Scene, numbers: Collection[str], cls: str) -> list[Hits]:
    """Hits in the cells that hold one of these numbers."""
    return _cells(scene, lambda cell: _detail(cell, cls) if any(n.normal in numbers for n in cell.numbers) else None)


def _cells(scene: Scene, judge: Callable[[Phones], Detail | None]) -> list[Hits]:
    """Hits in the mobile and landline cells; a cell is parsed and judged once, however often it stands in the archive."""
    hits = []
    for name in FIELDS:
        if name in scene.archive.contacts:
            hits += placed_contacts(scene, name, [judge(cell) for cell in scene.phones(name)])
    return hits


@check("mobile", "cert_no", "cons_name", extra=("verdicts",))
def of_another_person(scene: Scene) -> list[Hits]:
    """A carrier says that the number is not the holder's: the number differs, or name and ID both do."""
    which = scene.verdict("which")
    name, number, phone = (which.rows(f in text.split() for text in which.values) for f in ("name", "id", "phone"))
    against = scene.verdict("result").isin(("inconsistent",)) & (phone | (name == number)) & scene.asked
    owners, asked = scene.archive.contact_of, scene.verdict("mobile").take(scene.archive.contact_of)
    hit = equal(_first_mobiles(scene), asked) & scene.of_contacts(against)
    return flagged("mobile", scene.archive.contacts["mobile"], hit, Detail(), contact_of=owners)


@check("mobile", "contact_name", "contact_relation", "cons_name")
def of_a_relative(scene: Scene, *, relations: Annotated[tuple[str, ...], CodeOf("relation")]) -> list[Hits]:
    """The number of somebody else whose relation to the holder is recorded: legal, and said for whoever compares."""
    contacts = scene.archive.contacts
    usable = contacts["mobile"].rows(any(n.valid for n in cell.numbers) for cell in scene.phones("mobile"))
    hit = scene.strangers & contacts["contact_relation"].isin(relations) & usable
    return flagged("mobile", contacts["mobile"], hit, Detail(cls="N"), contact_of=scene.archive.contact_of)


@check("mobile", extra=("operators",))
def ported(
    scene: Scene,
    *,
    mobile: tuple[str, ...],
    unicom: tuple[str, ...],
    telecom: tuple[str, ...],
    broadnet: tuple[str, ...],
) -> list[Hits]:
    """A number whose operator is another one than its prefix (three or four digits, the settings) was given to."""
    known = cast("Mapping[str, str]", scene.archive.extra["operators"])
    table = {p: name for name, ps in zip(OPERATORS, (mobile, unicom, telecom, broadnet), strict=True) for p in ps}

    def moved(number: str, said: str) -> bool:
        now, first = _operator(said), table.get(number[:4]) or table.get(number[:3])
        return now is not None and first is not None and now != first

    return _with_one_of(scene, {number for number, said in known.items() if moved(number, said)}, "N")


OPERATORS = ("mobile", "unicom", "telecom", "broadnet")
_SPOKEN = {
    "移动": "mobile",
    "联通": "unicom",
    "电信": "telecom",
    "广电": "broadnet",
    "CMCC": "mobile",
    "CUCC": "unicom",
}


def _operator(text: str) -> str | None:
    """Which operator a carrier's answer names."""
    found = (name for word, name in (*_SPOKEN.items(), *zip(OPERATORS, OPERATORS, strict=True)) if word in text)
    return next(found, None)


@check("mobile", extra=("verified_at",))
def long_unverified(scene: Scene, *, months: int) -> list[Hits]:
    """A number that was verified once, and not within this many months."""
    known = cast("Mapping[str, str]", scene.archive.extra["verified_at"])
    today = scene.archive.as_of
    latest = date(*_earlier(today, months), 1).replace(day=min(today.day, 28)).isoformat()

    def judge(cell: Phones) -> Detail | None:
        told = [known[n.normal] for n in cell.numbers if n.normal in known]
        return Detail(value=cell.original, cls="B", params={"months": months}) if told and max(told) < latest else None

    return _cells(scene, judge)


def _earlier(day: date, months: int) -> tuple[int, int]:
    """Year and month that lie this many months before a day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return year, month + 1
