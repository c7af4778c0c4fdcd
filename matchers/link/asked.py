"""Pairs that somebody asks about: as linking has them, or weighed by the same model where it did not keep them."""

from dataclasses import replace

import numpy as np

from matchers.link import block, score
from matchers.link.engine import Linked


def among(found: Linked, left: block.Rows, right: block.Rows) -> tuple[Linked, block.Rows]:
    """What was found, with these pairs of rows behind it where it has them not; and the place of each of these pairs.

    Of one file the smaller row comes first. A pair that no key found, or that was too unlikely to be kept, has no rivals; of one
    file it is a match where other records join the two in one cluster.
    """
    new = np.setdiff1d(block.pack(left, right), block.pack(found.left, found.right))
    a, b = block.unpack(new)
    scorer = score.Scorer(found.fields, found.model, found.sizes)
    levels = score.levels(found.fields, a, b)
    bits = scorer.exact(levels, score.rare_of(found.fields, scorer.rare, levels, a))
    told = bits + found.correction.at(bits)
    same = np.zeros(len(new), dtype=np.bool_) if found.clusters is None else found.clusters[a] == found.clusters[b]
    more = replace(
        found,
        left=np.concatenate([found.left, a]),
        right=np.concatenate([found.right, b]),
        levels=np.concatenate([found.levels, levels]),
        bits=np.concatenate([found.bits, bits]),
        probability=np.concatenate([found.probability, 1 / (1 + np.exp2(-told.astype(np.float64)))]),
        decision=np.concatenate([found.decision, np.where(same, 2, 0).astype(np.int8)]),
    )
    packed = block.pack(more.left, more.right)
    order = np.argsort(packed, kind="stable")
    places = order[np.searchsorted(packed, block.pack(left, right), sorter=order)]
    return more, places.astype(np.int32)
