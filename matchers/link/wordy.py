"""Tell how near two unequal lines, texts or sets are: whole columns at a time (see `near`)."""

import numpy as np
from rapidfuzz.fuzz import partial_ratio, ratio
from rapidfuzz.process import cpdist

from matchers.link import parts
from matchers.link.near import WORKERS, Codes, Column, Cut, Levels, texts
from matchers.link.sounds import Readings

ALIKE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Cosines from which texts are on the next level; fine, because of several candidates the most alike should win."""


class Lines:
    """Distinct lines of an address: their text, all their numbers as one code, and the last ones, which tell the house."""

    def __init__(self, column: Column, _readings: Readings, cut: Cut) -> None:
        self.column = column
        self.numbers, self.house = cut("numbers"), cut("house")


def lines(prepared: Lines, one: Codes, other: Codes) -> Levels:
    """Levels of address lines: numbers first, because the flat next door is spelt nearly alike.

    Where numbers agree, or one line has none, it may leave out what the other says: then the shorter is sought in the longer.
    """
    a, b = texts(prepared.column, one, other)
    alike = cpdist(a, b, scorer=ratio, score_cutoff=50, dtype=np.float32, workers=WORKERS)
    same = np.zeros(len(one), dtype=np.bool_)
    for codes in (prepared.numbers, prepared.house):
        same |= (codes[one] == codes[other]) & (codes[one] >= 0)
    short = (prepared.house[one] < 0) != (prepared.house[other] < 0)  # one of them does not name the house
    part = np.flatnonzero((same & (alike < 80)) | (short & (alike < 85)))
    inside = cpdist(a[part], b[part], scorer=partial_ratio, score_cutoff=50, dtype=np.float32, workers=WORKERS)
    alike[part] = np.maximum(alike[part], inside)
    levels = np.zeros(len(one), dtype=np.int8)
    levels[alike >= 60] = 1
    levels[alike >= 85] = 2
    levels[same & (alike >= 50)] = 3
    levels[same & (alike >= 80)] = 4
    return levels


class Tokens:
    """Distinct texts as rows of word weights (tf–idf, length 1)."""

    def __init__(self, column: Column, _readings: Readings, _cut: Cut) -> None:
        from scipy import sparse  # 16 MB that only free texts need

        rows, columns, width = parts.words(column)
        frequency = np.bincount(columns, minlength=width)
        weights = np.log(1 + len(column) / np.maximum(frequency, 1)).astype(np.float32)[columns]
        norms = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(column)))
        weights = (weights / np.maximum(norms[rows], 1e-9)).astype(np.float32)
        starts = np.searchsorted(rows, np.arange(len(column) + 1))
        self.rows = sparse.csr_array((weights, columns, starts), (len(column), width))


def tokens(prepared: Tokens, one: Codes, other: Codes) -> Levels:
    """Levels of free texts by the cosine of their weighted words (Salton and Buckley 1988)."""
    cosine = np.zeros(len(one), dtype=np.float32)
    for at in range(0, len(one), 200_000):
        some = slice(at, at + 200_000)
        cosine[some] = prepared.rows[one[some]].multiply(prepared.rows[other[some]]).sum(axis=1)
    return np.searchsorted(ALIKE, cosine, side="right").astype(np.int8)


class Sets:
    """Distinct cells as sets of elements, each as `parts.signature` makes it."""

    def __init__(self, column: Column, _readings: Readings, _cut: Cut) -> None:
        self.sets = [frozenset(parts.signature(e) for e in text.split("\x1f")) for text in column.to_pylist()]


def overlaps(prepared: Sets, one: Codes, other: Codes) -> Levels:
    """Levels of sets by what they share."""
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    shared = ((prepared.sets[a], prepared.sets[b]) for a, b in pairs)
    return np.fromiter((_shared(a, b) for a, b in shared), dtype=np.int8, count=len(one))


def _shared(one: frozenset[str], other: frozenset[str]) -> int:
    common = len(one & other)
    if not common:
        return 0
    return 3 if one == other else 2 if 2 * common >= min(len(one), len(other)) else 1
