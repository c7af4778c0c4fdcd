"""Which fault meets which request: the same seed, screen, object and attempt always give the same answer."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from threading import Lock

SUBMIT = ("slow", "error_500", "reset", "lost_answer", "late_commit", "false_success", "expired")
LOAD = ("slow", "error_500", "expired", "popup")
# kinds that only one screen knows, by (phase, screen)
SPECIAL = {("submit", "account"): ("partial", "truncated", "stale"), ("load", "detail"): ("wrong_record",)}
# an account save delivered twice is rare enough to be left to the storm
STORM_ONLY = {("submit", "account"): ("twice",)}
KINDS = tuple(dict.fromkeys((*SUBMIT, *LOAD, *(k for d in (SPECIAL, STORM_ONLY) for ks in d.values() for k in ks))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How often requests go wrong."""

    # share of requests, 0 to 1
    submit: float
    load: float
    # from this attempt on a screen is well again for the object, so that nothing fails for ever
    clean_from: int
    storm: bool = False
    # a single kind wherever it applies; empty = all kinds
    only: str = ""


PROFILES = {
    "none": Profile(submit=0, load=0, clean_from=1),
    "usual": Profile(submit=0.08, load=0.01, clean_from=3),
    "storm": Profile(submit=0.30, load=0.04, clean_from=5, storm=True),
}


def share(*parts: object) -> float:
    """A number in [0, 1) that only depends on `parts`."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


class Faults:
    """The fault of each request, and the count of attempts that it is decided by."""

    def __init__(self, seed: int, profile: str = "none") -> None:
        self.seed = seed
        self._lock = Lock()
        self.switch(profile)

    def switch(self, profile: str) -> None:
        """Use another profile (or one kind of fault at every first attempt) and count attempts from one again."""
        if profile not in PROFILES and profile not in KINDS:
            raise ValueError(f"no fault profile '{profile}'; there are: {', '.join((*PROFILES, *KINDS))}")
        single = Profile(submit=1, load=1, clean_from=2, storm=True, only=profile)
        with self._lock:
            self.profile, self._rates = profile, PROFILES.get(profile, single)
            self._attempts: Counter[tuple[str, str, str]] = Counter()

    def next(self, screen: str, obj: str, phase: str) -> str | None:
        """Count one more attempt and decide its fault."""
        with self._lock:
            self._attempts[screen, obj, phase] += 1
            attempt = self._attempts[screen, obj, phase]
        return self.decide(screen, obj, phase, attempt)

    def decide(self, screen: str, obj: str, phase: str, attempt: int) -> str | None:
        """The fault of the attempt (the first is 1), None when all goes well; phase is `load` or `submit`."""
        rates = self._rates
        rate = rates.submit if phase == "submit" else rates.load
        kinds = _kinds(screen, phase, rates)
        if not kinds or attempt >= rates.clean_from or share(self.seed, screen, obj, phase, attempt) >= rate:
            return None
        return kinds[int(share(self.seed, screen, obj, phase, attempt, "kind") * len(kinds))]


def _kinds(screen: str, phase: str, rates: Profile) -> tuple[str, ...]:
    everywhere = SUBMIT if phase == "submit" else LOAD
    rare = STORM_ONLY.get((phase, screen), ()) if rates.storm else ()
    kinds = (*everywhere, *SPECIAL.get((phase, screen), ()), *rare)
    return tuple(k for k in kinds if not rates.only or k == rates.only)
