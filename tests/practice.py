"""A practice site for tests: a world in a process of its own, a ledger in a temporary folder, commands as a person types them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from core.ledger import Ledger, store
from flows import rehearsal
from flows.rehearsal import World

STEPS = ("pull", "check", "reconcile")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Practice:
    """A site in front of a running world."""

    world: World
    place: Path
    secrets: Mapping[str, str]
    language: str = "en"

    @property
    def config(self) -> Path:
        """The site's configuration."""
        return self.place / "config"

    @property
    def data(self) -> Path:
        """The site's ledger."""
        return self.place / "data"

    def run(
        self, *words: str, expect: int | None = 0, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command of run.py against this site."""
        command = [sys.executable, str(ROOT / "run.py"), *words, "--data", str(self.data)]
        if words[0] not in ("init", "runs", "queue", "db", "audit"):
            command += ["--config", str(self.config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environ(env))
        if expect is not None:
            assert done.returncode == expect, (
                f"{words}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment with this site's secrets."""
        return {**os.environ, "HEDANG_LANG": self.language, **self.secrets, **(more or {})}

    def json(self, *words: str, expect: int | None = 0) -> dict[str, Any]:
        """What a command prints with --json."""
        result: dict[str, Any] = json.loads(self.run(*words, "--json", expect=expect).stdout)
        return result

    def night(self, day: date | None = None, expect: int | None = 0) -> dict[str, Any]:
        """One whole night."""
        return self.json("nightly", "--date", (day or self.world.day).isoformat(), expect=expect)

    def ledger(self) -> Ledger:
        """The site's ledger, open."""
        return store.open(self.data)

    def control(self, path: str, **body: object) -> dict[str, Any]:
        """A word to the world's control port."""
        request = Request(
            self.world.told["control_url"] + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=10) as answer:
            result: dict[str, Any] = json.loads(answer.read())
            return result

    def effects(self, since: int = 0) -> list[dict[str, Any]]:
        """What the legacy system has committed, by its own log; saves that changed nothing left out."""
        with urlopen(f"{self.world.told['control_url']}/effects?since={since}", timeout=10) as answer:
            found = json.loads(answer.read())["effects"]
        return [e for e in found if e["kind"] in ("insert", "update", "apply") and e["detail"]]

    def score(self) -> dict[str, Any]:
        """The oracle's answer to what our ledger claims."""
        from doors.demo import _spell

        ledger = self.ledger()
        try:
            return rehearsal.score(self.world, rehearsal.claims(ledger, _spell(self.config)))
        finally:
            ledger.close()


@contextmanager
def practice(
    place: Path,
    *,
    accounts: int,
    seed: int = 1,
    faults: str = "none",
    skin: str = "a",
    mix: str = "default",
    until: str = "",
    language: str = "en",
) -> Iterator[Practice]:
    """A site that is set up: ledger made, organisations imported; its first night done up to the step `until`."""
    with rehearsal.world(place / "world", accounts=accounts, seed=seed, faults=faults, skin=skin, mix=mix) as world:
        base = ROOT / "config" / "sites" / ("practice" if skin == "a" else "province_b")
        site = Practice(world, place, rehearsal.site(place / "config", base, world), language)
        site.run("init")
        site.run("import", "org", str(Path(world.told["drop_dir"]) / "org" / "供电单位.csv"))
        for step in STEPS[: STEPS.index(until) + 1] if until else ():
            site.run(step, "--date", world.day.isoformat())
        yield site
