"""Let each record have the counterparts that it may have, the likeliest first, and put records of one file into clusters."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


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
    """The best pair first, whole columns at a time: every pair that is the best of both its records stands, and so on."""
    chosen = np.zeros(len(left), dtype=np.bool_)
    rest = np.argsort(-score, kind="stable")
    while len(rest):
        mine, theirs = left[rest], right[rest]
        stand = np.flatnonzero(_leading(mine) & _leading(theirs))
        chosen[rest[stand]] = True
        gone = _marked(mine, mine[stand]) | _marked(theirs, theirs[stand])
        rest = rest[~gone]
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


def clusters(size: int, left: Rows, right: Rows, score: Floats, against: float = 0.0) -> Rows:
    """The cluster of each record of one file, named by its smallest row.

    Against chains: a pair joins two clusters only while their records, on the average of the pairs that were looked at between
    them, are likelier the same than not (score > 0 on average; a pair that was not looked at counts as `against`).
    """
    parent = np.arange(size, dtype=np.int64)
    members: dict[int, list[int]] = {}
    known = {(int(a), int(b)): float(s) for a, b, s in zip(left, right, score, strict=True)}

    def find(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = int(parent[row])
        return row

    for place in np.argsort(-score, kind="stable"):
        one, other = sorted((find(int(left[place])), find(int(right[place]))))
        if one == other or score[place] <= 0:
            continue
        mine, theirs = members.get(one, [one]), members.get(other, [other])
        links = [known.get((min(a, b), max(a, b)), against) for a in mine for b in theirs]
        if sum(links) <= 0:
            continue
        parent[other] = one
        members[one] = mine + theirs
    return np.asarray([find(row) for row in range(size)], dtype=np.int32)
