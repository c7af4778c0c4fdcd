"""Hold what was linked against a known truth, and estimate the same without one."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matchers.link import block
from matchers.link.engine import Linked
from matchers.link.trust import Warned

Table = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Shares of 0 … 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of it."""

    found: Linked | None  # None: one of the files has no record
    sizes: tuple[int, int]
    left_ids: Table
    right_ids: Table
    pairs: Table  # left_id, right_id, probability, decision (of one file also cluster)
    seconds: float
    quality: Quality | None = None
    expected: Quality | None = None
    warnings: tuple[Warned, ...] = ()
    asked: tuple[block.Rows, block.Rows] | None = None  # pairs of rows that are to be explained

    @property
    def one_file(self) -> bool:
        """Whether a file was linked with itself."""
        return self.left_ids is self.right_ids

    def count(self, decision: str) -> int:
        """Pairs with that decision."""
        return int(pc.sum(pc.equal(self.pairs["decision"], pa.scalar(decision, pa.string()))).as_py() or 0)


def against(found: Linked, left: block.Rows, right: block.Rows) -> Quality:
    """How the matches stand against true pairs of rows (for one file in either order)."""
    if found.clusters is not None:
        return _clustered(found.clusters, np.minimum(left, right), np.maximum(left, right))
    truth = np.unique(block.pack(left, right))
    matches = block.pack(*matched(found))
    return _quality(int(np.isin(matches, truth).sum()), len(matches), len(truth))


def _clustered(clusters: block.Rows, left: block.Rows, right: block.Rows) -> Quality:
    """The same of all pairs within clusters, of which there may be far more than records."""
    truth = np.unique(block.pack(left, right))
    one, other = block.unpack(truth)
    sizes = np.bincount(clusters)
    return _quality(int((clusters[one] == clusters[other]).sum()), int((sizes * (sizes - 1) // 2).sum()), len(truth))


def _quality(right_ones: int, matches: int, truth: int) -> Quality:
    return Quality(precision=right_ones / max(matches, 1), recall=right_ones / max(truth, 1))


def estimated(found: Linked) -> Quality:
    """What the probabilities themselves expect: precision of the matches, recall with what the keys and the threshold lose.

    Where the matches of two files could be counted without the model, there are no fewer than that.
    """
    kept = found.probability[found.decision == 2]
    right_ones = float(kept.sum())
    expected = max(float(found.probability.sum()) / found.model.recall, found.counted or 0.0, right_ones, 1e-9)
    return Quality(precision=right_ones / max(len(kept), 1), recall=right_ones / expected)


def matched(found: Linked) -> tuple[block.Rows, block.Rows]:
    """The pairs of rows that are matches; in one file all pairs of a cluster."""
    rows = found.decision == 2
    if found.clusters is None:
        return found.left[rows], found.right[rows]
    return within(found.clusters)


def whole(clusters: block.Rows, most: int) -> int:
    """The size of clusters up to which all pairs within them are `most` together, where larger ones have those with their first record."""
    sizes, count = np.unique(np.bincount(clusters), return_counts=True)
    sizes, count = sizes[sizes > 0], count[sizes > 0]
    every, first = count * (sizes * (sizes - 1) // 2), count * (sizes - 1)
    fitting = np.flatnonzero(every.cumsum() + first.sum() - first.cumsum() <= most)
    return int(sizes[fitting[-1]]) if len(fitting) else 2


def within(clusters: block.Rows, whole: int | None = None) -> tuple[block.Rows, block.Rows]:
    """All pairs of rows of the same cluster, the smaller row first; of clusters larger than `whole` those with the first row."""
    order = np.argsort(clusters, kind="stable").astype(np.int32)
    sizes = np.bincount(clusters[order])
    sizes = sizes[sizes > 0]
    ends = sizes.cumsum()
    behind = np.repeat(ends, sizes) - np.arange(len(order)) - 1  # members of its cluster that come after each
    if whole is not None:
        large = np.repeat(sizes > whole, sizes)
        large[ends - sizes] = False
        behind[large] = 0
    left = np.repeat(order, behind)
    steps = np.arange(int(behind.sum())) - np.repeat(behind.cumsum() - behind, behind)
    right = order[np.repeat(np.arange(len(order)), behind) + 1 + steps]
    return left, right


def calibration(
    found: Linked, truth: "npt.NDArray[np.int64]", edges: tuple[float, ...]
) -> list[tuple[float, float, int, float, float]]:
    """For each span of probabilities: its ends, how many pairs, the mean claimed, the share that is true (`truth`: packed pairs)."""
    true = np.isin(block.pack(found.left, found.right), truth)
    rows = []
    for low, high in pairwise(edges):
        some = (found.probability >= low) & (found.probability < high)
        if some.any():
            rows.append((low, high, int(some.sum()), float(found.probability[some].mean()), float(true[some].mean())))
    return rows
