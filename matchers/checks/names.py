"""Checks of holders' names."""

from collections.abc import Callable, Sequence
from typing import Annotated, cast

import numpy as np

from matchers.checks import Ceiling, CodeOf, Detail, Hits, OneOf, check, compared, each_row, flagged, placed
from matchers.columns import differing, encode, pairs
from matchers.comparators import load
from matchers.normal.addresses import quarter_key
from matchers.normal.names import REASONS, Name
from matchers.scene import JOINT, Scene, kinds_per_group, larger_groups

Judge = Callable[[Name], Detail | None]

_LEVELS = tuple(level.name for level in load("name").levels.values())
_REPAIRABLE = ("blank", "width", "invisible")


@check("cons_name")
def missing(scene: Scene) -> list[Hits]:
    """No name."""
    column = scene.archive.column("cons_name")
    empty = ~column.present() | column.rows(name.has("missing") for name in scene.names)
    return flagged("cons_name", column, empty, Detail(cls="B"))


@check("cons_name")
def illegal(scene: Scene) -> list[Hits]:
    """Digits, Latin, control or replacement characters in a name; only blanks and width are a sure repair."""
    return _placed(scene, _illegal)


def _illegal(name: Name) -> Detail | None:
    if name.has("illegal"):
        return Detail(value=name.original) if not (name.has("organisation") or name.has("address")) else None
    if name.has("remark") or name.has("lost") or not set(name.reasons) & set(_REPAIRABLE):
        return None
    return Detail(value=name.original, cls="A", repair=name.normal)


@check("cons_name")
def has(scene: Scene, *, reason: Annotated[str, OneOf(REASONS)], cls: Ceiling = "C") -> list[Hits]:
    """A name of which the parser says this: placeholder, remark, address, masked, dot …"""
    return _placed(scene, lambda name: Detail(value=name.original, cls=cls) if name.has(reason) else None)


@check("cons_name")
def dots(scene: Scene) -> list[Hits]:
    """A minority name whose dot is not U+00B7; a blank where a dot should be is only likely to be one."""

    def judge(name: Name) -> Detail | None:
        sure = not set(name.reasons) - {"dot", "width", "invisible"}
        return (
            Detail(value=name.original, cls="A" if sure else "C", repair=name.normal if sure else None)
            if name.has("dot")
            else None
        )

    return _placed(scene, judge)


@check("cons_name")
def rare(scene: Scene) -> list[Hits]:
    """A private-use code point, a described character or pinyin in place of a character; the table of code points is a candidate."""

    def judge(name: Name) -> Detail | None:
        if name.has("rare"):
            return Detail(value=name.original, cls="C")
        return Detail(value=name.original, cls="B", repair=name.normal) if name.has("private_use") else None

    return _placed(scene, judge)


@check("cons_name")
def length(scene: Scene) -> list[Hits]:
    """One character, or more than a name has."""
    return _placed(
        scene,
        lambda n: (
            Detail(value=n.original, params={"length": len(n.normal)}) if n.has("short") or n.has("long") else None
        ),
    )


@check("cons_name", "cons_sort_code")
def organisation(scene: Scene) -> list[Hits]:
    """A residential account under an organisation's name."""
    details = [Detail(value=name.original) if name.has("organisation") else None for name in scene.names]
    return placed("cons_name", scene.archive.column("cons_name"), details, only=scene.residential)


@check("cons_name", extra=("real_estate_owners",))
def not_owner(scene: Scene) -> list[Hits]:
    """A holder who is none of the flat's owners, not even by a variant, a sound or one character."""
    column = scene.archive.column("cons_name")
    owners = cast("Sequence[tuple[str, ...] | None]", scene.archive.extra["real_estate_owners"])
    joined = encode("、".join(found) if found else None for found in owners)
    comparator = load("name")
    levels = compared(column, joined, lambda one, other: comparator.compare(one, other, scene.reference))
    other = np.isin(
        levels, [comparator.level("DISAGREE"), comparator.level("SAME_SURNAME"), comparator.level("ORG_VS_PERSON")]
    )
    return flagged("cons_name", column, other & scene.residential, Detail())


@check("cons_name", "elec_addr", "cons_sort_code", "cons_status_code")
def several_at_one_address(scene: Scene) -> list[Hits]:
    """Two active residential accounts at one flat under different names."""
    keys = np.where(scene.residential & scene.active, scene.flats, -1).astype(np.int32)
    names = kinds_per_group(keys, scene.name_keys.codes)
    return flagged("cons_name", scene.archive.column("cons_name"), (names > 1) & (keys >= 0), Detail())


@check("cons_name", "cert_no", "quarter_name")
def crowd(scene: Scene, *, limit: int) -> list[Hits]:
    """One name without a certificate on many accounts of one quarter: the developer's flats were not transferred."""
    anonymous = ~scene.archive.column("cert_no").present()
    groups = pairs(scene.name_keys, scene.archive.column("quarter_name").map(quarter_key))
    groups = np.where(anonymous, groups, -1).astype(np.int32)
    return flagged(
        "cons_name",
        scene.archive.column("cons_name"),
        larger_groups(groups, limit) > 0,
        Detail(params={"limit": limit}),
    )


def _placed(scene: Scene, judge: Judge) -> list[Hits]:
    return placed("cons_name", scene.archive.column("cons_name"), [judge(name) for name in scene.names])


@check("cons_name", "cert_no", extra=("population",))
def against_register(scene: Scene, *, levels: Annotated[tuple[str, ...], OneOf(_LEVELS)]) -> list[Hits]:
    """A name that differs from the population register's of the same ID in this way; the register's spelling is the candidate."""
    comparator = load("name")
    wanted = [comparator.level(level) for level in levels]
    column, known = scene.archive.column("cons_name"), scene.registered_names
    rows = np.flatnonzero(differing(column, known))
    found = comparator.compare(column.take(rows).decode(), known.take(rows).decode(), scene.reference)
    hit = np.zeros(len(column), dtype=np.bool_)
    hit[rows[np.isin(found, wanted)]] = True
    return each_row("cons_name", column, hit, lambda row: Detail(cls="B", repair=_alone(known.at(row))))


def _alone(names: str | None) -> str | None:
    """The register's one name; where it has several for the ID none is a candidate."""
    return None if names is None or JOINT in names else names


@check("contact_name", "cons_name")
def other_contact(scene: Scene, *, explained: Annotated[tuple[str, ...], CodeOf("relation")]) -> list[Hits]:
    """A contact of another name than the holder whose relation to the holder is not recorded."""
    related = scene.archive.contacts.get("contact_relation")
    known = np.zeros(len(scene.archive.contact_of), dtype=np.bool_) if related is None else related.isin(explained)
    column = scene.archive.contacts["contact_name"]
    return flagged(
        "contact_name", column, scene.strangers & ~known, Detail(cls="N"), contact_of=scene.archive.contact_of
    )
