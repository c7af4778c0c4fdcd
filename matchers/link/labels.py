"""What people said of single pairs: it teaches the model, it stands in the result, and what it changed can be told."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.link import block, score
from matchers.link.encode import Encoded
from matchers.link.score import Scored, Scorer
from matchers.link.train import Model, Patterns, index

WEIGHT = 10.0
"""Matches among the candidates that one pair which a person called a match counts for: it is sure, they are likely."""
SURE = 40.0
"""Bits of a pair that a person decided."""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Pairs of rows, and whether a person called them a match."""

    left: block.Rows
    right: block.Rows
    yes: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What labels changed."""

    yes: int
    no: int
    otherwise: int  # labels that the model without them holds for the contrary
    moved: tuple[tuple[str, float], ...]  # of each field, by how many bits its weights moved at most


def counted(fields: Sequence[Encoded], labels: Labels) -> Patterns:
    """The matches among them, by how they agree."""
    patterns, _ = index(score.levels(fields, labels.left[labels.yes], labels.right[labels.yes]))
    return Patterns(patterns.levels, patterns.counts * WEIGHT)


def taught(scorer: Scorer, labels: Labels, model: Model) -> Taught:
    """What changed from the scorer's model to the one that was fitted with labels."""
    found = score.levels(scorer.fields, labels.left, labels.right)
    alone = scorer.exact(found, score.rare_of(scorer.fields, scorer.rare, found, labels.left)) > 0
    moved = (
        (o.name, float(np.abs(model.weights(p) - scorer.model.weights(p)).max())) for p, o in enumerate(scorer.fields)
    )
    return Taught(
        yes=int(labels.yes.sum()), no=int((~labels.yes).sum()), otherwise=int((alone != labels.yes).sum()), moved=tuple(moved)
    )  # fmt: skip


def decided(scorer: Scorer, scored: Scored, labels: Labels) -> Scored:
    """The scored pairs, with what people decided, also where no key finds them: a third record must not join what is apart."""
    packed, said = block.pack(scored.left, scored.right), block.pack(labels.left, labels.right)
    new = ~np.isin(said, packed)
    levels = score.levels(scorer.fields, labels.left[new], labels.right[new])
    packed = np.concatenate([packed, said[new]])
    order = np.argsort(packed, kind="stable")
    packed = packed[order]
    bits = np.concatenate([scored.bits, np.zeros(int(new.sum()), dtype=np.float32)])[order]
    bits[np.isin(packed, said[labels.yes])] = SURE
    bits[np.isin(packed, said[~labels.yes])] = -SURE
    return Scored(*block.unpack(packed), np.concatenate([scored.levels, levels])[order], bits)


def said(scored: Scored, labels: Labels | None) -> npt.NDArray[np.bool_] | None:
    """Which of the pairs a person decided; None: nobody decided anything."""
    if labels is None:
        return None
    return np.isin(block.pack(scored.left, scored.right), block.pack(labels.left, labels.right))
