"""The truth: customers, their accounts, contacts and meters as a right archive would hold them; deterministic under its seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from sandbox import people, places
from sandbox.people import Person
from sandbox.places import Flat, Org

Row = dict[str, str]
LARGE = 40  # one account in so many has the price of a large household


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account with everything that belongs to it; rows are columns of the legacy tables."""

    row: Row
    customer: int  # place in World.customers
    contacts: tuple[Row, ...]
    meter: Row
    flat: Flat
    owner: tuple[Person, ...]  # as registered; more than one = co-owners


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that is true on the business date."""

    today: date
    orgs: tuple[Org, ...]
    customers: tuple[Row, ...]
    accounts: tuple[Account, ...]
    people: tuple[Person, ...]
    first: int = 0  # number of the first account: a block of a larger world does not begin with 0
    tenants: frozenset[str]  # cons_no of accounts whose holder is not the registered owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Which part of a large world is built: its number and how many accounts stand before it."""

    number: int
    first: int


def build(accounts: int, seed: int, digits: int, today: date, block: Block | None = None) -> World:
    """The world of so many accounts; or one block of a larger one, which shares no number, flat or quarter with the others."""
    rng = Random(f"world {seed}" if block is None else f"world {seed} {block.number}")
    first = block.first if block else 0
    flats = places.Flats(
        rng, places.quarters(rng, accounts, max(10, accounts // 600 * 10) * block.number if block else 0)
    )
    customers: list[Row] = []
    found: list[Account] = []
    everyone: list[Person] = []
    tenants: set[str] = set()
    while len(found) < accounts:
        flat = flats.next()
        holder = people.person(rng, flat.quarter.county + 1, today)
        if block:
            holder = replace(holder, ident=people.nth_ident(first + len(customers), flat.quarter.county + 1, today))
        everyone.append(holder)
        customers.append(_customer(rng, first + len(customers), holder, today))
        home = flat
        for _ in range(min(_holdings(rng), accounts - len(found))):
            account = _account(rng, first + len(found), digits, len(customers) - 1, holder, home, today, everyone)
            if account.owner[0] is not holder:
                tenants.add(account.row["cons_no"])
            found.append(account)
            home = flats.next(flat.quarter.county)
    return World(
        today=today, orgs=places.orgs(), customers=tuple(customers), accounts=tuple(found), people=tuple(everyone), first=first, tenants=frozenset(tenants),
    )  # fmt: skip


def _holdings(rng: Random) -> int:
    """Accounts of one customer: 15 % hold two to five."""
    return rng.choice((2, 2, 2, 3, 3, 4, 5)) if rng.random() < 0.15 else 1


def _customer(rng: Random, serial: int, holder: Person, today: date) -> Row:
    until = date(today.year + rng.randint(1, 19), rng.randint(1, 12), rng.randint(1, 28))
    return {
        "cust_no": f"8{serial + 1:09d}", "name": holder.name, "cert_type": "id_card", "cert_no": holder.ident,
        "cert_valid_to": until.isoformat(),
    }  # fmt: skip


def _account(
    rng: Random,
    serial: int,
    digits: int,
    customer: int,
    holder: Person,
    flat: Flat,
    today: date,
    everyone: list[Person],
) -> Account:
    q = flat.quarter
    built = today - timedelta(days=rng.randint(400, 9000))
    cap = rng.choice(("8", "8", "10", "12", "16"))
    row = {
        "cons_no": ("1" if digits == 10 else "1" * (digits - 9)) + f"{(serial + 1) * 7919 % 10**9:09d}",
        "orgn_cons_no": f"0{serial * 131 + 7:08d}", "org_no": q.station, "elec_addr": flat.address, "quarter": q.name, "phase": q.phase,
        "building": str(flat.building), "unit": str(flat.unit), "room": flat.room, "sort_code": "lv_resident", "status_code": "normal",
        "elec_type": "resident", "price_code": "resident_step", "volt_code": "v220", "contract_cap": cap, "run_cap": cap,
        "mr_sect": f"CB{q.station[-4:]}{serial % 20:02d}", "pay_mode": rng.choice(("counter", "bank", "online", "online", "prepaid")),
        "notify_mode": rng.choice(("sms", "sms", "app", "paper")), "note_type": rng.choice(("electronic", "electronic", "paper_plain")),
        "urban_rural": "urban", "build_date": built.isoformat(), "ps_date": (built + timedelta(days=rng.randint(1, 20))).isoformat(),
        "cancel_date": "", "mgr": f"{q.station[-4:]}网格{serial % 6 + 1}号", "tg_no": q.area, "line_no": q.line, "remark": "",
        "multi_person": "true" if serial % LARGE == 0 else "",
        "update_time": f"{today - timedelta(days=90 + serial * 37 % 1500):%Y-%m-%d} {8 + serial % 10:02d}:{serial * 7 % 60:02d}:00",
    }  # fmt: skip
    meter = {
        "mp_no": f"MP{serial + 1:010d}", "asset_no": f"1330001{(serial + 1) * 104729 % 10**15:015d}", "box_no": f"BX{q.station[-4:]}{serial // 6:08d}",
        "terminal_no": f"ZD{q.station[-4:]}{serial // 60:06d}", "in_use": "1",
    }  # fmt: skip
    owners = _owners(rng, holder, flat, today)
    return Account(
        row=row,
        customer=customer,
        contacts=_contacts(rng, holder, flat, today, everyone),
        meter=meter,
        flat=flat,
        owner=owners,
    )


def _contacts(rng: Random, holder: Person, flat: Flat, today: date, everyone: list[Person]) -> tuple[Row, ...]:
    """One to three contacts; the first is mostly the holder himself."""
    rows = [_contact(holder, "self", "")]
    for relation in ("spouse", "child")[: rng.choice((0, 0, 0, 1, 1, 2))]:
        other = people.person(rng, flat.quarter.county + 1, today)
        everyone.append(other)
        rows.append(_contact(other, relation, ""))
    if rng.random() < 0.15:
        rows[0]["home_phone"] = f"{places.COUNTIES[flat.quarter.county][4]}-{people.landline(rng)}"
    return tuple(row | {"priority": str(n)} for n, row in enumerate(rows, 1))


def _contact(who: Person, relation: str, home_phone: str) -> Row:
    return {"name": who.name, "relation": relation, "mobile": who.mobile, "home_phone": home_phone}


def _owners(rng: Random, holder: Person, flat: Flat, today: date) -> tuple[Person, ...]:
    """The holder, mostly; sometimes with a co-owner; sometimes somebody else, to whom the holder is a tenant."""
    chance = rng.random()
    if chance < 0.02:
        return (people.person(rng, flat.quarter.county + 1, today),)
    return (holder, people.person(rng, flat.quarter.county + 1, today)) if chance < 0.2 else (holder,)
