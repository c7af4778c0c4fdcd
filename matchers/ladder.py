"""How far a stratum of automatic writes has proven itself: its labels, the bound on its errors, its rung, and its blind checks.

A stratum is a class × rule × pair of sources. A label is a value that the gate would have written and on which a person has decided.

    upper(0, 2995, 0.95)                       # 0.001: nobody has erred in 2,995 labels
    needed(0, 0.001, 0.95)                     # 2995
    standing(stratum, labels, policy).rung     # shadow | attended | automatic

The bounds are those of Clopper and Pearson (1934), one-sided, by bisection over the binomial distribution.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from core.model import Class
from core.policy import RUNGS, Policy

SHADOW, ATTENDED, AUTOMATIC = RUNGS
STEPS = 50
"""Halvings of an interval: 2⁻⁵⁰ is finer than any rate that a policy names."""


class Stratum(NamedTuple):
    """What is judged together; `sources` are joined by +."""

    cls: str
    rule: str
    sources: str

    @classmethod
    def of(cls, text: str) -> "Stratum":
        """From what `str` gave."""
        return cls(*text.split("/"))

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """How often people said that the gate was right, and that it was not."""

    right: int = 0
    wrong: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.right + self.wrong


NONE = Labels()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a stratum stands."""

    labels: Labels  # its own
    needed: int  # labels for the bound to hold, given the errors so far
    bound: float  # on the rate of wrong writes, strength borrowed
    rung: str
    sampling: float  # share of its writes that a person checks blindly

    @property
    def proven(self) -> bool:
        """Whether the bound holds, rather than being granted by policy."""
        return self.labels.count >= self.needed


def upper(wrong: int, count: int, confidence: float) -> float:
    """The rate p with P(at most `wrong` of `count` | p) = 1 − confidence; 1 where nothing is known."""
    return 1.0 if wrong >= count else _solve(wrong, count, 1 - confidence)


def lower(wrong: int, count: int, confidence: float) -> float:
    """The rate p with P(at least `wrong` of `count` | p) = 1 − confidence; 0 where no error was seen."""
    return _solve(wrong - 1, count, confidence) if wrong else 0.0


@lru_cache(maxsize=4096)
def _solve(most: int, count: int, chance: float) -> float:
    """The rate p at which at most `most` errors have this chance; the chance falls as the rate grows."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(most, count, middle) > chance else (low, middle)
    return high


def _at_most(most: int, count: int, rate: float) -> float:
    logs = (
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        + k * math.log(rate) + (count - k) * math.log1p(-rate)
        for k in range(most + 1)
    )  # fmt: skip
    return math.fsum(map(math.exp, logs))


@lru_cache(maxsize=4096)
def needed(wrong: int, rate: float, confidence: float) -> int:
    """The least number of labels, `wrong` of them errors, whose upper bound is at most `rate`."""
    low, high = wrong, max(2 * wrong, 1)
    while upper(wrong, high, confidence) > rate:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if upper(wrong, middle, confidence) <= rate else (middle, high)
    return high


def standing(stratum: Stratum, labels: Mapping[Stratum, Labels], policy: Policy) -> Standing:
    """The stratum's bound, rung and sampling.

    It starts on its class's rung, climbs as the bound comes down, and falls into the shadow once it is proven worse than
    tolerated. Strata of the same class and sources lend strength: the policy's share of their labels, never more right ones than
    the stratum has itself, and errors rounded up, so that a stratum never climbs on others' labels alone.
    """
    own, budget = labels.get(stratum, NONE), (policy.tolerated_error_rate, policy.confidence)
    lent = _lent(stratum, labels)
    right = own.right + min(own.right, int(policy.lent * lent.right))
    wrong = own.wrong + math.ceil(policy.lent * lent.wrong)
    bound = upper(wrong, right + wrong, policy.confidence)
    wanted = needed(own.wrong, *budget)
    return Standing(
        labels=own,
        needed=wanted,
        bound=bound,
        rung=_rung(stratum, own, bound, policy),
        sampling=_sampling(bound, own.count / wanted, policy),
    )


def _lent(stratum: Stratum, labels: Mapping[Stratum, Labels]) -> Labels:
    """What the strata of the same class and sources have."""
    others = [
        found for other, found in labels.items() if other != stratum and (other.cls, other.sources) == stratum[::2]
    ]
    return Labels(right=sum(o.right for o in others), wrong=sum(o.wrong for o in others))


def _rung(stratum: Stratum, own: Labels, bound: float, policy: Policy) -> str:
    if lower(own.wrong, own.count, policy.confidence) > policy.tolerated_error_rate:
        return SHADOW
    earned = (
        AUTOMATIC if bound <= policy.tolerated_error_rate else ATTENDED if bound <= policy.attended_rate else SHADOW
    )
    return max(earned, policy.start.get(Class(stratum.cls), SHADOW), key=RUNGS.index)


def _sampling(bound: float, progress: float, policy: Policy) -> float:
    """The floor once the bound holds; before, more the fewer labels there are."""
    if bound <= policy.tolerated_error_rate:
        return policy.sampling_floor
    return policy.sampling_floor + (policy.sampling_start - policy.sampling_floor) * (1 - min(progress, 1.0))


def drawn(kind: str, key: str, rate: float) -> bool:
    """Whether all that is proposed for an object is checked by a person; the same object is drawn again until the rate falls."""
    digest = blake2b(f"{kind}/{key}".encode(), digest_size=8, person=b"blind check").digest()
    return int.from_bytes(digest) < rate * 2**64
