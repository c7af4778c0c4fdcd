"""Which columns of two files hold the same things, whatever their headers say: by the words, or the numbers, in their values."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import exp
from zlib import crc32

import numpy as np
import pyarrow as pa

from matchers.link import near

SAMPLE = 3000
"""Distinct values of a column that are looked at."""
LONG = 16
"""Words of a value that are looked at."""
BEYOND = 1.5
"""How much oftener than by chance two words must stand together in both columns."""
LEAST = 0.02
"""Share of the pairs of words that must be common to both columns."""
NEAR = 0.6
"""How much of two columns' numbers must lie alike."""
FEW = 20
"""Common pairs of words, and numbers of a column, below which nothing is said."""

_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")


def words(one: frozenset[str], other: frozenset[str]) -> float:
    """How far two columns' distinct texts are of the same things (0: not beyond chance, 1: all of them).

    One word may stand in both because the language has it; two words of one value that stand together in a value of the other column,
    too, hardly do: they are held against how many would by chance, if each stood there for itself.
    """
    mine, theirs = _Words(one), _Words(other)
    common = mine.pairs & theirs.pairs
    if len(common) < FEW:
        return 0.0
    chance = sum(map(mine.chance, theirs.pairs))
    share = len(common) / (len(mine.pairs) * len(theirs.pairs)) ** 0.5
    return share if share >= LEAST and len(common) > BEYOND * chance else 0.0


def numbers(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of two columns' numbers lies alike: 1 less the largest difference of their distributions (Smirnov 1939); 0: too little."""
    a, b = _figures(one), _figures(other)
    if min(len(a), len(b)) < FEW:
        return 0.0
    places = np.concatenate([a, b])
    below = (np.searchsorted(each, places, side="right") / len(each) for each in (a, b))
    alike = 1 - float(np.abs(np.subtract(*below)).max())
    return alike if alike >= NEAR else 0.0


class _Words:
    """The words of a column's values, two by two."""

    def __init__(self, texts: frozenset[str]) -> None:
        values = _sample(filter(None, (frozenset(_split(text)[:LONG]) for text in texts)))
        self._size = len(values)
        self._often = Counter(word for value in values for word in value)
        self.pairs = {pair for value in values for pair in combinations(sorted(value), 2)}

    def chance(self, pair: tuple[str, str]) -> float:
        """The probability that both words stand in some value, if each stood there for itself."""
        return 1 - exp(-self._often[pair[0]] * self._often[pair[1]] / max(self._size, 1))


def _sample(values: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Some of the values, and of another column those that are like them: the ones of which a word has the least digest (Broder 1997)."""
    distinct = {tuple(sorted(value)) for value in values}
    digests = sorted((min(crc32(word.encode()) for word in value), value) for value in distinct)
    return [frozenset(value) for _, value in digests[:SAMPLE]]


def _split(text: str) -> list[str]:
    return [piece for run in _WORD.findall(text.lower()) for piece in _pieces(run)]


def _pieces(run: str) -> Iterator[str]:
    """A word; of Chinese, which has no spaces, each two characters."""
    if "\u3400" <= run[0] <= "\u9fff" and len(run) > 2:
        yield from (run[n : n + 2] for n in range(len(run) - 1))
    else:
        yield run


def _figures(texts: frozenset[str]) -> np.ndarray:
    """The numbers among some of the texts, sorted."""
    some = sorted(texts, key=lambda text: (crc32(text.encode()), text))[:SAMPLE]
    read = near.figures(pa.array(some, type=pa.string()))
    return np.sort(np.asarray([float(text) for text in read.to_pylist() if text is not None], dtype=np.float64))
