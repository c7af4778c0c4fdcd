"""Rehearse a night: start the practice world as a process of its own, write a site for it, and let its oracle judge the result."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core import posix
from core.errors import MissingPart
from core.ledger import Ledger, findings, proposals, queue, runs
from core.model import Image, Kind, Operation, State, Step, WorkItem
from core.words import Words

Spell = Callable[[str, str, str], tuple[str, str]]
"""(screen, field, our value) → (label, value) as a person sees them on the screen."""

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A running practice world: what it told about itself, and its directory."""

    told: Mapping[str, Any]
    directory: Path

    @property
    def day(self) -> date:
        """The business date on which it stands."""
        return date.fromisoformat(self.told["date"])


@contextmanager
def world(
    directory: Path,
    *,
    accounts: int,
    seed: int,
    faults: str,
    skin: str = "a",
    port: int = 0,
    patience: float = 120,
    mix: str = "default",
) -> Iterator[World]:
    """A practice world that lives as long as the block; `mix` says how its archive got dirty (sandbox/mixes/).

    Raises MissingPart when the folder sandbox/ is not there or the world does not answer.
    """
    if not (ROOT / "sandbox").is_dir():
        raise MissingPart(
            Words(
                "没有 sandbox/ 文件夹：本站已删除演练世界",
                "the folder sandbox/ is not there: this site has deleted its practice world",
            )
        )
    directory.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "serve",
        "--dir",
        str(directory),
        "--accounts",
        str(accounts),
        "--seed",
        str(seed),
    ]
    command += ["--faults", faults, "--skin", skin, "--port", str(port), "--stdin-guard"]
    command += ["--mix", mix]
    with (directory / "serve.log").open("wb") as log:
        process = posix.spawn(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    identity = posix.identity(process.pid)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise MissingPart(
                Words(
                    f"演练世界没有启动；见 {directory / 'serve.log'}",
                    f"the practice world did not start; see {directory / 'serve.log'}",
                )
            )
        yield World(told=json.loads(line), directory=directory)
    finally:
        posix.end_group(identity.pid, identity.started, patience)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.wait()


def site(directory: Path, base: Path, found: World) -> dict[str, str]:
    """Write a site's configuration that talks to the world; answers the secrets for its environment."""
    directory.mkdir(parents=True, exist_ok=True)
    told = found.told
    lines = [
        "# Written for one rehearsal.",
        "schema: 1",
        f"extends: {json.dumps(str(base.resolve()))}",
        "connections:",
        *(_connection(name, told[f"{name}_url"], user) for name, user in _users(told).items()),
        f"  drop: {{directory: {json.dumps(str(told['drop_dir']))}}}",
    ]
    (directory / "hedang.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {
        "HEDANG_SECRET_LEGACY": told["login"]["password"],
        "HEDANG_SECRET_SURVEY": told["survey"]["secret"],
        "HEDANG_SECRET_VERIFY": told["verify"]["secret"],
    }


def _users(told: Mapping[str, Any]) -> dict[str, str]:
    return {"legacy": told["login"]["user_id"], "survey": told["survey"]["app_id"], "verify": told["verify"]["app_id"]}


def _connection(name: str, url: str, user: str) -> str:
    return f"  {name}: {{url: {json.dumps(url)}, user: {json.dumps(user)}, secret: {name.upper()}}}"


# -- the oracle


def claims(ledger: Ledger, spell: Spell) -> dict[str, Any]:
    """What we say we did, in the words of the screens: the cells and rows called verified, the items, the findings."""
    automatic = {p.id: not proposals.decisions(ledger, p.id) for p in proposals.find(ledger)}
    newest: dict[tuple[str, str, str], dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    images = queue.verified_images(ledger)
    last = {(image.screen, image.key): image for _, _, image in images}
    for item, step, image in images:
        if step.state != "verified":
            continue
        if step.operation in (Operation.ADD, Operation.CHANGE):
            if _stands(step, last[image.screen, image.key]):
                rows.append(_row_claim(item, step, spell, automatic))
            continue
        for change in step.changes:
            label, value = spell(step.screen, change.field, change.after)
            claim = {"item": item.name, "kind": str(item.kind), "object": item.key, "label": label, "value": value}
            newest[item.kind, item.key, label] = claim | {"automatic": automatic[change.proposal]}
    every = queue.rows(ledger)
    return {
        "cells": list(newest.values()),
        "contacts": rows,
        "items": [_item_claim(ledger, row) for row in every if row.state is not State.SUPERSEDED],
        "findings": [{"rule": f.rule, "cons_no": f.key} for f in findings.first_seen(ledger)],
        "not_evaluated": sorted(_never_evaluated(ledger)),
    }


def _never_evaluated(ledger: Ledger) -> frozenset[str]:
    """The codes of the rules whose inputs were missing in every run that checked."""
    checks = [dict(runs.steps(ledger, run)).get("check") for run in runs.listing(ledger)]
    told = [frozenset(counts.get("not_evaluated", ())) for counts in checks if counts]
    return frozenset.intersection(*told) if told else frozenset()


def _stands(step: Step, last: Image) -> bool:
    """Whether the row still stands in our newest image of the list: a later step of ours may have changed it again."""
    cells = dict(step.row) | {c.field: c.after for c in step.changes}
    return any(all(row.get(f, "") == v for f, v in cells.items()) for row in last.rows)


def _row_claim(item: WorkItem, step: Step, spell: Spell, automatic: Mapping[int, bool]) -> dict[str, Any]:
    cells = dict(step.row) | {c.field: c.after for c in step.changes}
    row = dict(spell(step.screen, field, value) for field, value in cells.items() if value)
    typed = dict(spell(step.screen, c.field, c.after) for c in step.changes)
    return {
        "item": item.name,
        "object": item.key,
        "row": row,
        "typed": typed,
        "automatic": all(automatic[c.proposal] for c in step.changes),
    }


def _item_claim(ledger: Ledger, row: queue.Row) -> dict[str, Any]:
    steps = queue.item(ledger, row.id).steps
    kind = "account" if row.kind is Kind.CONTACTS else str(row.kind)
    return {
        "item": row.name, "state": str(row.state), "kind": kind, "object": row.key, "screen": steps[0].screen if steps else "",
        "operation": [str(step.operation) for step in steps],
    }  # fmt: skip


def score(found: World, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the oracle answers, in a process of its own; the path of the truth never enters ours."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=found.directory, encoding="utf-8", delete=False) as file:
        json.dump(said, file, ensure_ascii=False)
    command = [sys.executable, "-m", "sandbox", "score", "--dir", str(found.directory), "--claims", file.name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    Path(file.name).unlink()
    if done.returncode != 0:
        raise MissingPart("the oracle failed: " + done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    result: dict[str, Any] = json.loads(done.stdout)
    return result
