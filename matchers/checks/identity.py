"""Checks of certificate types and numbers."""

from collections.abc import Callable
from typing import Annotated, cast

import numpy as np

from matchers.checks import Detail, Hits, OneOf, check, flagged, placed
from matchers.columns import Codes, Flags
from matchers.normal.ids import CERT_TYPE_OF, FACTS, KINDS, Ident
from matchers.scene import RESIDENTIAL, Scene, kinds_per_group, larger_groups

ID_CARD = "01"
_STATES = ("1", "2", "8", "9")
"""Of a person: cancelled, locked, moved away, dead."""
Judge = Callable[[Ident], Detail | None]
_CLEANED = ("width", "blank", "apostrophe", "case", "separator")
_RESIDENT_KINDS = ("resident", "permit", "permanent")
_OTHER_KINDS = ("uscc", "permit", "permanent", "passport", "home_return", "officer")


@check("cert_no", "cons_sort_code", "cons_status_code")
def missing(scene: Scene) -> list[Hits]:
    """No certificate number on a residential account in normal use."""
    column = scene.archive.column("cert_no")
    return flagged("cert_no", column, scene.residential & scene.normal & ~column.present(), Detail(cls="B"))


@check("cert_no", "cert_type_code")
def malformed(scene: Scene) -> list[Hits]:
    """A resident ID that is not 17 digits and a digit or X; only dirt around a right number is a sure repair."""
    return _each(scene, lambda c: _malformed(c) if not c.valid or set(c.reasons) & set(_CLEANED) else None)


def _malformed(cert: Ident) -> Detail | None:
    if cert.wrong("extra"):
        return Detail(value=cert.original, cls="C")
    cleaned = [reason for reason in cert.reasons if reason in _CLEANED]
    if cert.valid and cert.kind == "resident15":
        return _dirty(cert, cert.usable, cleaned)
    if cert.kind in {*_RESIDENT_KINDS, "uscc"}:
        return _dirty(cert, cert.normal, cleaned) if cleaned and not cert.wrong("check_digit") else None
    return Detail(value=cert.original, cls="C") if cert.kind == "unknown" else None


def _dirty(cert: Ident, right: str, cleaned: list[str]) -> Detail | None:
    if not cleaned:
        return None
    certain = cert.valid
    return Detail(
        value=cert.original,
        cls="A" if certain else "C",
        repair=right if certain else None,
        params={"dirt": " ".join(cleaned)},
    )


@check("cert_no")
def wrong(scene: Scene, *, facts: Annotated[tuple[str, ...], OneOf(FACTS)]) -> list[Hits]:
    """A number of a person whose characters contradict themselves: check_digit, birth_date, division, division_abolished."""
    return _persons(scene, lambda c: Detail(value=c.original) if any(c.wrong(fact) for fact in facts) else None)


@check("cert_no")
def of_kind(scene: Scene, *, kinds: Annotated[tuple[str, ...], OneOf(KINDS)]) -> list[Hits]:
    """A number that is of one of these kinds (resident15, excel, placeholder, masked)."""
    details = [_kind(c) if c.kind in kinds else None for c in scene.certs]
    return placed("cert_no", scene.archive.column("cert_no"), details)


def _kind(cert: Ident) -> Detail:
    if cert.kind == "resident15":
        return Detail(value=cert.original, cls="B", repair=cert.normal if cert.valid else None)
    return Detail(value=cert.original, cls={"masked": "B", "excel": "N"}.get(cert.kind, "C"))


@check("cert_no")
def shared_placeholder(scene: Scene, *, shared_by: int) -> list[Hits]:
    """A number that was only typed to fill the field: one digit, a sequence, or one number under many different names."""
    column = scene.archive.column("cert_no")
    found = [Detail(value=c.original) if c.kind == "placeholder" else None for c in scene.certs]
    names = kinds_per_group(scene.cert_keys.codes, scene.name_keys.codes)
    crowd = flagged("cert_no", column, names > shared_by, Detail(params={"limit": shared_by}))
    return [*placed("cert_no", column, found), *crowd]


@check("cert_no", "cert_type_code")
def type_mismatch(scene: Scene) -> list[Hits]:
    """The type says resident ID card, the number is of another kind; a check character that fits proves the other type."""
    return _each(scene, lambda c: _mismatch(c) if c.kind in _OTHER_KINDS else None)


def _mismatch(cert: Ident) -> Detail:
    proven = CERT_TYPE_OF.get(cert.kind) if cert.valid else None
    return Detail(
        value=cert.original,
        cls="A" if proven else "C",
        repair=proven,
        target="cert_type_code",
        params={"kind": cert.kind},
    )


@check("cert_no", "cons_sort_code", "elec_addr")
def too_many_accounts(scene: Scene, *, limit: int) -> list[Hits]:
    """One number on more residential accounts of one county than the limit."""
    keys, counties = scene.cert_keys, scene.counties
    groups = _groups(keys.codes, counties.codes, scene.residential & scene.active)
    return flagged(
        "cert_no", scene.archive.column("cert_no"), larger_groups(groups, limit) > 0, Detail(params={"limit": limit})
    )


@check("cert_no", "cons_name")
def several_names(scene: Scene) -> list[Hits]:
    """One number under different names; spellings of one name count once."""
    names = kinds_per_group(scene.cert_keys.codes, scene.name_keys.codes)
    persons = scene.archive.column("cert_no").rows(c.valid for c in scene.certs)
    return flagged("cert_no", scene.archive.column("cert_no"), persons & (names > 1), Detail(cls="B"))


@check("cert_no", "cons_sort_code")
def age(scene: Scene, *, youngest: int, oldest: int) -> list[Hits]:
    """A holder who is too young or too old to hold an account."""
    today = scene.archive.as_of

    def judge(cert: Ident) -> Detail | None:
        if cert.birth is None or not cert.valid:
            return None
        years = today.year - cert.birth.year - ((today.month, today.day) < (cert.birth.month, cert.birth.day))
        return None if youngest <= years <= oldest else Detail(value=cert.original, params={"age": years})

    details = [judge(cert) for cert in scene.certs]
    return placed("cert_no", scene.archive.column("cert_no"), details, only=scene.residential)


@check("cert_valid_to")
def expired(scene: Scene) -> list[Hits]:
    """A certificate whose last day has passed."""
    today, days = scene.archive.as_of, scene.days("cert_valid_to")
    details = [Detail(value=d.original) if d.value and d.value < today else None for d in days]
    return placed("cert_valid_to", scene.archive.column("cert_valid_to"), details)


@check("cert_no", "cons_sort_code")
def organisation_certificate(scene: Scene) -> list[Hits]:
    """A residential account that is registered with an organisation's code."""
    details = [Detail(value=c.original) if c.kind == "uscc" else None for c in scene.certs]
    return placed(
        "cert_no",
        scene.archive.column("cert_no"),
        details,
        only=scene.archive.column("cons_sort_code").isin((RESIDENTIAL,)),
    )


@check("cert_no")
def wrong_uscc(scene: Scene) -> list[Hits]:
    """An organisation's code whose check character, or whose inner organisation code's, is wrong."""
    details = [Detail(value=c.original) if c.kind == "uscc" and not c.valid else None for c in scene.certs]
    return placed("cert_no", scene.archive.column("cert_no"), details)


@check("cert_no", extra=("person_status",))
def person_gone(scene: Scene, *, states: Annotated[tuple[str, ...], OneOf(_STATES)]) -> list[Hits]:
    """A holder whom the population register reports as cancelled, moved away or dead."""
    known = cast("dict[str, str]", scene.archive.extra["person_status"])
    details = [
        Detail(value=c.original, params={"status": known[c.normal]}) if known.get(c.normal) in states else None
        for c in scene.certs
    ]
    return placed("cert_no", scene.archive.column("cert_no"), details)


def _each(scene: Scene, judge: Judge) -> list[Hits]:
    """Numbers of accounts whose certificate type is resident ID card, or not given."""
    kinds = scene.archive.column("cert_type_code")
    card = kinds.isin((ID_CARD,)) | ~kinds.present()
    return placed("cert_no", scene.archive.column("cert_no"), [judge(c) for c in scene.certs], only=card)


def _persons(scene: Scene, judge: Judge) -> list[Hits]:
    details = [judge(c) if c.kind in {"resident", "resident15", "permit", "permanent"} else None for c in scene.certs]
    return placed("cert_no", scene.archive.column("cert_no"), details)


def _groups(first: Codes, second: Codes, rows: Flags) -> Codes:
    width = int(second.max(initial=0)) + 2
    packed = first.astype(np.int64) * width + second + 1
    numbers: Codes = np.unique(packed, return_inverse=True)[1].astype(np.int32)
    numbers[(first < 0) | ~rows] = -1
    return numbers


@check("cert_no", "cons_name", extra=("verdicts",))
def not_one_person(scene: Scene) -> list[Hits]:
    """A carrier says that name and number are not one person's: one of them differs, or it was asked about these two only."""
    which = scene.verdict("which")
    name, number = (which.rows(factor in text.split() for text in which.values) for factor in ("name", "id"))
    two_factors = ~scene.verdict("mobile").present()
    against = scene.verdict("result").isin(("inconsistent",)) & (two_factors | (name != number)) & scene.asked
    return flagged("cert_no", scene.archive.column("cert_no"), against, Detail())


@check("cert_no", "cons_name", extra=("verdicts",))
def no_record(scene: Scene) -> list[Hits]:
    """A carrier knows nobody of this name and number; that speaks neither for nor against them."""
    unknown = scene.verdict("result").isin(("no_record",)) & scene.asked
    return flagged("cert_no", scene.archive.column("cert_no"), unknown, Detail())
