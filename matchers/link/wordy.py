"""Tell how near two unequal lines, texts or sets are: whole columns at a time (see `near`)."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.fuzz import partial_ratio, ratio
from rapidfuzz.process import cpdist

from matchers.link import parts
from matchers.link.near import WORKERS, Codes, Column, Cut, Levels, coded, flags, short, texts
from matchers.link.sounds import Readings

ALIKE = tuple(step / 20 for step in range(2, 20))
"""Cosines from which texts are on the next level; fine, because of several candidates the most alike should win."""
CODED = 2.0
"""How much more a word with a digit counts."""
RUN = 3
HELD = 4_000_000
"""Words and runs of letters, about, that are held of each side while texts are compared, however long these are."""
SPELT = 20_000_000
"""Runs of letters in all texts together up to which they are compared, too."""


class Lines:
    """Distinct lines of an address: their text, all their numbers as one code, and the last ones, which tell the house."""

    def __init__(self, column: Column, _readings: Readings, cut: Cut) -> None:
        self.column = short(column)
        self.numbers, self.house = cut("numbers"), cut("house")
        self.all, self.but_last = _runs(column, self.numbers)


def _runs(column: Column, numbers: Codes) -> tuple[Codes, Codes]:
    """One code for all numbers of a line, and for those before the last one, where that may be a postcode (−1: none; a Chinese line ends with the flat)."""
    last = pc.and_(
        pc.match_substring_regex(column, r"\d{4,}\D*$"), pc.invert(pc.match_substring_regex(column, r"\p{Han}"))
    )
    if not pc.any(last).as_py():
        return numbers, np.full(len(numbers), -1, dtype=np.int32)
    runs = parts.numbers(column, {})
    several = pc.match_substring_regex(runs, r" \d{4,}$")
    before = pc.if_else(
        pc.and_(last, several), pc.replace_substring_regex(runs, r" \d{4,}$", ""), pa.scalar(None, runs.type)
    )
    codes = coded(pa.concat_arrays([runs, before]))
    return codes[: len(column)], codes[len(column) :]


def lines(prepared: Lines, one: Codes, other: Codes) -> Levels:
    """Levels of address lines: numbers first, because the flat next door is spelt nearly alike.

    Where numbers agree, or one line has none, it may leave out what the other says: then the shorter is sought in the longer.
    """
    a, b = texts(prepared.column, one, other)
    alike = cpdist(a, b, scorer=ratio, score_cutoff=50, dtype=np.float32, workers=WORKERS)
    same = np.zeros(len(one), dtype=np.bool_)
    for codes in (prepared.numbers, prepared.house):
        same |= (codes[one] == codes[other]) & (codes[one] >= 0)
    for a_line, b_line in ((one, other), (other, one)):  # only one of them ends with a postcode
        same |= (prepared.all[a_line] == prepared.but_last[b_line]) & (prepared.all[a_line] >= 0)
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
    """Distinct texts as rows of weights (tf–idf, length 1) of their words and, where there is room, of the words' runs of three letters.

    A word with a digit (a model, a version) tells one product from its neighbours in the catalogue, so it counts more.
    """

    def __init__(self, column: Column, _readings: Readings, _cut: Cut) -> None:
        from scipy import sparse  # 16 MB that only free texts need

        rows, columns, known = parts.words(column)
        starts = np.searchsorted(rows, np.arange(len(column) + 1))
        shape = (len(column), max(len(known), 1))
        texts = sparse.csr_array((np.ones(len(columns), np.float32), columns, starts), shape)
        coded = flags(pc.match_substring_regex(known, "[0-9]"))
        self.rows = [_weighted(texts, np.where(coded, CODED, 1.0) if len(known) else np.ones(1))]
        runs = [sorted({f" {word} "[at : at + RUN] for at in range(len(word) + 3 - RUN)}) for word in known.to_pylist()]
        if len(columns) * sum(map(len, runs)) <= SPELT * max(len(runs), 1):
            where = {run: place for place, run in enumerate(sorted({run for each in runs for run in each}))}
            places = np.asarray([where[run] for each in runs for run in each], dtype=np.int32)
            ends = np.cumsum([0, *map(len, runs)]) if runs else np.zeros(2, dtype=np.int64)
            spelling = sparse.csr_array(
                (np.ones(len(places), np.float32), places, ends), (shape[1], max(len(where), 1))
            )
            spelt = texts @ spelling
            spelt.data[:] = 1.0
            self.rows.append(_weighted(spelt, np.ones(spelt.shape[1])))


def _weighted(texts: Any, more: Any) -> Any:
    """Rows of ones, weighted by how rare each column is, to the length 1."""
    frequency = np.bincount(texts.indices, minlength=texts.shape[1])
    weights = (np.log(1 + texts.shape[0] / np.maximum(frequency, 1)) * more).astype(np.float32)
    texts = texts.copy()
    texts.data = weights[texts.indices]
    lengths = np.sqrt(np.asarray(texts.multiply(texts).sum(axis=1)))
    texts.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(texts.indptr)).astype(np.float32)
    return texts


def tokens(prepared: Tokens, one: Codes, other: Codes) -> Levels:
    """Levels of free texts by the cosine of their weighted words (Salton and Buckley 1988), the mean of whole and spelt ones."""
    cosine = np.zeros(len(one), dtype=np.float32)
    longest = max(rows.nnz / max(rows.shape[0], 1) for rows in prepared.rows)
    step = max(int(HELD // max(longest, 1.0)), 1)
    for at in range(0, len(one), step):
        some = slice(at, at + step)
        for rows in prepared.rows:
            cosine[some] += rows[one[some]].multiply(rows[other[some]]).sum(axis=1) / len(prepared.rows)
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
