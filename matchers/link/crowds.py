"""Link records that are equal in everything once, where they are too many for any key, and put the others beside them in the end.

Of n records that agree in all fields there are n²/2 pairs, and every key value of theirs has as many: above the limit of a key value
no key finds one of them. So the first record stands for the others while keys are chosen, the model is learned and candidates are
compared: a crowd is one thing then, whose values are as common as if it stood there once. Whether it is one thing is told by what all
fields together say of two such records, as of any other two; but no value of a crowd is rarer than usual: what only a crowd has may
stand where nothing is known. Records that say hardly anything are not one thing because they are equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matchers.link import block, score
from matchers.link.block import Rows
from matchers.link.encode import Encoded
from matchers.link.labels import Labels
from matchers.link.score import Bits
from matchers.link.train import Levels, Model


@dataclass(frozen=True, slots=True, eq=False)
class Crowds:
    """The records of one file that others stand for: `others`, and for each of them the `first` one that is equal to it."""

    size: int  # records of the file
    first: Rows
    others: Rows

    @property
    def kept(self) -> Rows:
        """The records that are linked."""
        kept = np.ones(self.size, dtype=np.bool_)
        kept[self.others] = False
        return np.flatnonzero(kept).astype(np.int32)

    def once(self, fields: Sequence[Encoded]) -> tuple[Encoded, ...]:
        """The fields of the records that are linked."""
        kept = self.kept
        codes = [one.left[kept] for one in fields]
        return tuple(replace(one, left=mine, right=mine) for one, mine in zip(fields, codes, strict=True))

    def labels(self, labels: Labels | None) -> Labels | None:
        """The same pairs, by the places of their records among those that are linked."""
        kept = self.kept
        return labels and replace(labels, left=_places(kept, labels.left), right=_places(kept, labels.right))

    def evidence(self, once: Sequence[Encoded], whole: Sequence[Encoded], model: Model) -> tuple[Levels, Bits]:
        """How each of the others agrees with the first one, and the log₂ odds that the two are the same.

        `once`: the fields of the records that are linked; `whole`: of all.
        """
        levels = np.stack([_equal(one, self.others) for one in whole], axis=1)
        scorer = score.Scorer(once, model, (len(once[0].left), len(once[0].right)))
        rare = score.rare_of(whole, scorer.rare, levels, self.others)
        return levels, scorer.exact(levels, np.minimum(rare, 0))

    def weighed(self, once: Sequence[Encoded], whole: Sequence[Encoded], model: Model) -> tuple[Encoded, ...]:
        """The fields of the records that are linked, with values as common as all records make them that are not one thing."""
        several = self.others[self.evidence(once, whole, model)[1] < 0]
        if not len(several):
            return tuple(once)
        counted = np.concatenate([self.kept, several])
        return tuple(replace(one, counted=all_.left[counted]) for one, all_ in zip(once, whole, strict=True))

    def all(self, once: Sequence[Encoded], whole: Sequence[Encoded]) -> tuple[Encoded, ...]:
        """The fields of all records, with values as common as they were when records were linked."""
        return tuple(
            replace(all_, counted=one.left if one.counted is None else one.counted)
            for one, all_ in zip(once, whole, strict=True)
        )


def found(fields: Sequence[Encoded], limit: int, labels: Labels | None) -> Crowds | None:
    """The crowds of one file whose pairs are more than `limit`, the most of a key value; None where there is none.

    A record of which a person said something speaks for itself, and one without any value is like nothing.
    """
    keys = block.joint([one.left for one in fields])
    ordered = np.sort(keys)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    large = np.diff(starts, append=len(ordered)).astype(np.int64) ** 2 > limit
    if not large.any():
        return None
    rows = np.flatnonzero(np.isin(keys, ordered[starts[large]]))
    _, begin, place = np.unique(keys[rows], return_index=True, return_inverse=True)
    first, others = rows[begin[place]].astype(np.int32), rows.astype(np.int32)
    codes = [(one.left[first], one.left[others]) for one in fields]
    equal = np.logical_and.reduce([a == b for a, b in codes]) & np.logical_or.reduce([a >= 0 for a, _ in codes])
    equal &= first != others
    if labels:
        equal &= ~np.isin(others, np.concatenate([labels.left, labels.right]))
    return Crowds(len(keys), first[equal], others[equal]) if equal.any() else None


def _equal(one: Encoded, rows: Rows) -> Levels:
    return np.where(one.left[rows] >= 0, np.int8(one.kind.top), np.int8(-1)).astype(np.int8)


def _places(kept: Rows, rows: Rows) -> Rows:
    return np.searchsorted(kept, rows).astype(np.int32)
