"""Start the practice world, or ask its oracle: `python -m sandbox serve|gallery|score`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sandbox import anomalies, answers, control, exports, inputs, score, skins, store, survey, truth, verify, world
from sandbox.anomalies import Archive
from sandbox.answers import Result
from sandbox.faults import PROFILES, Faults
from sandbox.gallery import app as gallery
from sandbox.legacy import app as legacy
from sandbox.legacy import orders
from sandbox.people import Person
from sandbox.portal import app as portal
from sandbox.serving import Server
from sandbox.skins import Skin
from sandbox.world import Row, World

FLAT = ("phase", "building", "unit", "room")
SPELT = {"NM01", "NM02", "NM05", "NM06", "NM09", "NM10"}  # rules of a name that is the same person's, or nobody's
MIXES = (anomalies.DEFAULT, *sorted(path.stem for path in anomalies.MIXES.glob("*.yaml")))
DAY = date(2026, 3, 16)


@dataclass(frozen=True, slots=True)
class Made:
    """A world that was drawn: the same arguments draw the same again."""

    world: World
    archive: Archive
    results: list[Result]
    skin: Skin
    seed: int


def make(accounts: int, seed: int, skin: Skin, today: date, mix: str = anomalies.DEFAULT) -> Made:
    """Draw the world, dirty its archive, send surveyors out."""
    drawn = world.build(accounts, seed, skin.digits, today)
    archive = anomalies.dirty(drawn, seed, anomalies.mix(mix))
    return Made(drawn, archive, answers.draw(drawn, archive, skin, seed), skin, seed)


def known(made: Made) -> list[Person]:
    """Everybody whom the carriers know, with the names and numbers that are true."""
    by_mobile = {p.mobile: p for p in made.world.people}
    for account, contacts in enumerate(made.archive.truth_contacts):
        holder = made.archive.truth_customers[made.archive.customer_of[account]]
        for row in contacts:
            if row["relation"] == "self":
                by_mobile[row["mobile"]] = Person(holder["name"], holder["cert_no"], row["mobile"])
    return list(by_mobile.values())


def scene(made: Made) -> inputs.Scene:
    """The world as other systems see it."""
    carriers = verify.Carriers(known(made), made.seed)
    return inputs.Scene(world=made.world, archive=made.archive, carriers=carriers, skin=made.skin, seed=made.seed)


def write(made: Made, directory: Path, meta: dict[str, str]) -> None:
    """All files and databases of a new world; truth.db comes last and marks it as whole."""
    drop = directory / "drop"
    stale = exports.stale(made.world, made.archive, made.seed)
    today = made.world.today
    truth.legacy(directory, made.archive, stale.closed)
    exports.archive_export(drop, made.skin, today - timedelta(days=1), stale.accounts, stale.contacts)
    register(made, drop, stale.accounts)
    exports.lists(drop, made.world.orgs, made.skin)
    inputs.write(drop, scene(made))
    exports.workbooks(drop, [r for r in made.results if r.by_folder and r.published == today], today)
    truth.truth(directory, made.world, made.archive, made.results, meta)


def register(made: Made, drop: Path, exported: Sequence[Row]) -> None:
    """The real-estate batch, and who should be found by it."""
    names = {row["cert_no"]: row["name"] for row in made.archive.truth_customers}
    registered = exports.registry(drop, made.world, names, made.seed)
    tenants = made.world.tenants & registered
    made.archive.note(
        ["NM13"], (a for a, row in enumerate(made.archive.accounts) if row["cons_no"] in tenants), "customer.name"
    )
    made.archive.tolerated += [("NM13", row["cons_no"]) for row in _strangers(made.archive, exported)]


def _strangers(archive: Archive, exported: Sequence[Row]) -> Iterator[Row]:
    """Exported accounts under somebody else's name or flat: the flat's owner may well be another.

    A name or an address that is only spelled badly is not among them: to take it for a stranger's is a mistake.
    """
    right = {row["cons_no"]: place for place, row in enumerate(archive.truth_accounts)}
    spelt = {cons_no for rule, cons_no, _column in archive.injected if rule in SPELT}
    for row in exported:
        place, number = right[row["cons_no"]], row["cons_no"]
        true = archive.truth_accounts[place] | archive.truth_customers[archive.customer_of[place]]
        renamed = row["name"] != true["name"] and number not in spelt
        if renamed or any(row[column] != true[column] for column in FLAT):
            yield row


def serve(args: argparse.Namespace) -> None:
    """Build or reopen the world, start every server, tell where they are, and run until stopped."""
    directory: Path = args.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    today = date.fromisoformat(args.date)
    meta = {
        "accounts": str(args.accounts),
        "seed": str(args.seed),
        "skin": args.skin,
        "date": args.date,
        "mix": args.mix,
    }
    # a large world is millions of small objects that stay: searching them for garbage takes a sixth of the time
    gc.disable()
    made = make(args.accounts, args.seed, skins.load(args.skin), today, args.mix)
    if (directory / truth.TRUTH).exists():
        if score.meta(directory) != meta:
            sys.exit(f"{directory} holds another world: {score.meta(directory)}")
    else:
        for left in directory.glob(f"{store.FILE}*"):  # of a start that was cut short
            left.unlink()
        write(made, directory, meta)
    gc.freeze()
    gc.enable()
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if args.stdin_guard:
        Thread(target=_guard, args=(stop,), daemon=True).start()
    _run(made, directory, args, stop, today)


def _guard(stop: Event) -> None:
    """Nobody holds the other end of standard input any more: stop."""
    sys.stdin.buffer.read()
    stop.set()


def _run(made: Made, directory: Path, args: argparse.Namespace, stop: Event, today: date) -> None:
    faults = Faults(args.seed, args.faults)
    platform = survey.Platform(directory / survey.FILE, [r for r in made.results if not r.by_folder], today)
    service = verify.Service(directory / verify.FILE, known(made), today, args.seed)
    app = legacy.create(directory, made.skin, faults)
    state = app.extensions["legacy"]
    approving = None if args.no_approver else orders.start(state)
    servers = {
        "legacy": Server(app, args.port),
        "survey": Server(survey.create(platform, faults)),
        "verify": Server(verify.create(service, faults)),
        "control": Server(
            control.create(directory, faults, state, partial(publish, made, directory, platform), stop.set)
        ),
    }
    told: dict[str, Any] = {f"{name}_url": server.url for name, server in servers.items()}
    told["legacy_url"] += f"{made.skin.prefix}/login.do"
    told |= {
        "drop_dir": str(directory / "drop"), "truth": str(directory / truth.TRUTH), "pid": os.getpid(),
        "login": _login(0), "approver": _login(1), "survey": {"app_id": survey.APP_ID, "secret": survey.SECRET},
        "verify": {"app_id": verify.APP_ID, "secret": verify.SECRET}, "date": args.date, "skin": args.skin, "seed": args.seed, "accounts": args.accounts,
    }  # fmt: skip
    (directory / "sandbox.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    print(json.dumps(told, ensure_ascii=False), flush=True)
    stop.wait()
    if approving is not None:
        approving.set()
    for server in servers.values():
        server.stop()
    for part in (state, platform, service):
        part.close()


def publish(made: Made, directory: Path, platform: survey.Platform, day: str) -> int:
    """What comes in by `day` (an empty day is tomorrow): late and corrected results, workbooks, a fresh export; answers how many results."""
    at = date.fromisoformat(day) if day else made.world.today + timedelta(days=1)
    found = platform.publish(at)
    filed = [r for r in made.results if r.by_folder and made.world.today < r.published <= at]
    exports.workbooks(directory / "drop", filed, at)
    exports.fresh(directory, made.skin, at - timedelta(days=1))
    return len(found) + len(filed)


def _generate(args: argparse.Namespace) -> None:
    from sandbox import stream  # it draws its blocks with this module

    stream.generate(
        stream.Order(
            directory=args.dir.resolve(),
            accounts=args.accounts,
            seed=args.seed,
            skin=args.skin,
            today=date.fromisoformat(args.date),
            mix=args.mix,
        )
    )


def _gallery(args: argparse.Namespace) -> None:
    server, door = Server(gallery.create(), args.port), Server(portal.create())
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    told = {"portal_url": f"{door.url}/portal/login.do", "user": portal.USER, "password": portal.PASSWORD}
    print(json.dumps({"gallery_url": server.url, **told, "pid": os.getpid()}), flush=True)
    stop.wait()
    for one in (server, door):
        one.stop()


def _login(place: int) -> dict[str, str]:
    return {key: truth.LOGINS[place][key] for key in ("user_id", "password")}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serving = commands.add_parser("serve", help="the practice world, until stopped")
    serving.add_argument("--dir", type=Path, required=True)
    serving.add_argument("--accounts", type=int, default=300)
    serving.add_argument("--seed", type=int, default=1)
    serving.add_argument("--faults", choices=sorted(PROFILES), default="none")
    serving.add_argument("--skin", default="a")
    serving.add_argument("--mix", choices=MIXES, default=anomalies.DEFAULT)
    serving.add_argument("--date", default=DAY.isoformat())
    serving.add_argument("--port", type=int, default=0)
    serving.add_argument("--no-approver", action="store_true")
    serving.add_argument("--stdin-guard", action="store_true")
    serving.set_defaults(run=serve)
    writing = commands.add_parser(
        "generate", help="the files and the truth of a world of up to a million accounts, without its servers"
    )
    writing.add_argument("--dir", type=Path, required=True)
    writing.add_argument("--accounts", type=int, default=100_000)
    writing.add_argument("--seed", type=int, default=1)
    writing.add_argument("--skin", default="a")
    writing.add_argument("--mix", choices=MIXES, default=anomalies.DEFAULT)
    writing.add_argument("--date", default=DAY.isoformat())
    writing.set_defaults(run=_generate)
    judging = commands.add_parser("score", help="what the oracle says of a list of claims")
    judging.add_argument("--dir", type=Path, required=True)
    judging.add_argument("--claims", type=Path, required=True)
    judging.set_defaults(
        run=lambda args: print(
            json.dumps(score.score(args.dir, json.loads(args.claims.read_text("utf-8"))), ensure_ascii=False)
        )
    )
    showing = commands.add_parser("gallery", help="controls as old web systems have them, one page each, until stopped")
    showing.add_argument("--port", type=int, default=0)
    showing.set_defaults(run=_gallery)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
