"""Let each record have the counterparts that it may have, the likeliest first, and put records of one file into clusters."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

HELD = 500_000
"""Pairs of which is known at a time what lies between clusters, or which are taken one by one (some hundred bytes each)."""
BESIDE = 450
"""Bytes that each of them takes."""
ROUNDS = 12
"""Looks at whole columns before pairs are taken one by one."""


def best(left: Rows, right: Rows, score: Floats, how: str) -> Flags:
    """Which pairs stand when each record may have one counterpart (or the sides that `how` names may have many).

    Pairs are unique; the higher score wins, ties go to the earlier pair.
    """
    if how == "many_to_many":
        return np.ones(len(left), dtype=np.bool_)
    if how == "many_to_one":  # each left record has one right record
        return _first(left, score)
    if how == "one_to_many":
        return _first(right, score)
    return _one_to_one(left, right, score)


def _first(rows: Rows, score: Floats) -> Flags:
    """The best pair of each row."""
    order = np.lexsort((np.arange(len(rows)), -score, rows))
    chosen = np.zeros(len(rows), dtype=np.bool_)
    ordered = rows[order]
    if len(rows):
        chosen[order[np.concatenate([[True], ordered[1:] != ordered[:-1]])]] = True
    return chosen


def _one_to_one(left: Rows, right: Rows, score: Floats) -> Flags:
    """The best pair first, whole columns at a time: every pair that is the best of both its records stands, and so on.

    What is left after some rounds is a chain, or a crowd of equals, each of which waits for the one before: one pair at a time.
    """
    chosen = np.zeros(len(left), dtype=np.bool_)
    rest = np.argsort(-score, kind="stable")
    for _ in range(ROUNDS):
        if not len(rest):
            return chosen
        mine, theirs = left[rest], right[rest]
        stand = np.flatnonzero(_leading(mine) & _leading(theirs))
        chosen[rest[stand]] = True
        gone = _marked(mine, mine[stand]) | _marked(theirs, theirs[stand])
        rest = rest[~gone]
    taken: tuple[set[int], set[int]] = (set(), set())
    for start in range(0, len(rest), HELD):
        some = rest[start : start + HELD]
        for place, one, other in zip(some.tolist(), left[some].tolist(), right[some].tolist(), strict=True):
            if one not in taken[0] and other not in taken[1]:
                taken[0].add(one)
                taken[1].add(other)
                chosen[place] = True
    return chosen


def _leading(rows: Rows) -> Flags:
    """Where each row stands for the first time."""
    found = np.zeros(len(rows), dtype=np.bool_)
    place = np.full(int(rows.max()) + 1, len(rows), dtype=np.int64)
    place[rows[::-1]] = np.arange(len(rows))[::-1]
    found[place[place < len(rows)]] = True
    return found


def _marked(rows: Rows, taken: Rows) -> Flags:
    marks = np.zeros(int(rows.max()) + 1, dtype=np.bool_)
    marks[taken] = True
    return marks[rows]


def clusters(size: int, left: Rows, right: Rows, score: Floats, against: float = 0.0, held: int = HELD) -> Rows:
    """The cluster of each record of one file, named by its smallest row.

    Against chains: a pair joins two clusters only while their records, on the average of the pairs that were looked at between
    them, are likelier the same than not (score > 0 on average; a pair that was not looked at counts as `against`).
    What no pair connects is put together apart, about `held` pairs at a time.
    """
    parent = np.arange(size)
    for some in _connected(size, left, right, score, held):
        _grown(parent, left[some], right[some], score[some], against)
    _, first, places = np.unique(parent, return_index=True, return_inverse=True)
    return first[places].astype(np.int32)


def _connected(size: int, left: Rows, right: Rows, score: Floats, held: int) -> Iterator[npt.NDArray[np.int64]]:
    """The places of pairs between records that pairs with a score above 0 connect; those of one component are together."""
    component = _components(size, left, right, score)
    alone = np.bincount(component) < 2
    inside = np.flatnonzero((component[left] == component[right]) & ~alone[component[left]])
    inside = inside[np.argsort(component[left[inside]], kind="stable")]
    ends = np.flatnonzero(np.diff(component[left[inside]], append=-1)) + 1  # behind the last pair of each component
    start = 0
    while start < len(inside):
        stop = int(ends[min(int(np.searchsorted(ends, start + held)), len(ends) - 1)])
        yield inside[start:stop]
        start = stop


def _components(size: int, left: Rows, right: Rows, score: Floats) -> Rows:
    """The number of each record's component: what pairs with a score above 0 connect."""
    from scipy.sparse import coo_array, csgraph

    near = score > 0
    graph = coo_array((near[near], (left[near], right[near])), shape=(size, size))
    component: Rows = csgraph.connected_components(graph, directed=False)[1]
    return component


def fitting(size: int, left: Rows, right: Rows, score: Floats, most: int) -> Flags:
    """Which pairs `clusters` should be given, so that none of what it puts together at a time has more than `most`: the best ones."""
    fit = np.ones(len(left), dtype=np.bool_)
    if len(left) <= most:
        return fit
    component = _components(size, left, right, score)
    of = np.where(component[left] == component[right], component[left], -1)
    for large in np.flatnonzero(np.bincount(of[of >= 0]) > most).tolist():
        pairs = np.flatnonzero(of == large)
        fit[pairs[np.argsort(-score[pairs], kind="stable")[most:]]] = False
    return fit


def _grown(whole: npt.NDArray[np.int64], left: Rows, right: Rows, score: Floats, against: float) -> None:
    """Join what these pairs say; `whole`: the cluster of every record."""
    rows = np.unique(np.concatenate([left, right])).tolist()
    parent, sizes = {row: row for row in rows}, dict.fromkeys(rows, 1)
    known: dict[int, Between] = {row: {} for row in rows}
    for one, other, mine in zip(left.tolist(), right.tolist(), score.tolist(), strict=True):
        known[one][other] = known[other][one] = (mine, 1)

    def find(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for place in np.argsort(-score, kind="stable")[: int((score > 0).sum())].tolist():
        gone, kept = sorted((find(int(left[place])), find(int(right[place]))), key=lambda row: (len(known[row]), -row))
        if gone == kept:
            continue
        total, pairs = known[kept][gone]
        if total + against * (sizes[kept] * sizes[gone] - pairs) > 0:
            parent[gone] = kept
            sizes[kept] += sizes[gone]
            _join(known, kept, gone)
    whole[rows] = [find(row) for row in rows]


Between = dict[int, tuple[float, int]]
"""What is known of a cluster and each of its neighbours: the sum of the scores of the pairs between the two, and how many they are."""


def _join(known: dict[int, Between], kept: int, gone: int) -> None:
    """One cluster takes in another; the one with fewer neighbours goes, so that no pair is moved often."""
    del known[kept][gone]
    for row, (total, pairs) in known.pop(gone).items():
        if row != kept:
            before = known[kept].get(row, (0.0, 0))
            del known[row][gone]
            known[kept][row] = known[row][kept] = (before[0] + total, before[1] + pairs)
