"""Link again without one field, by what all fields have taught: how likely a pair is the same, whatever that field says.

What was linked by a field is no witness for it. A model of independent fields is the same model when one of them is missing, so nothing
is learned anew; only the candidates are looked for again, because others become rivals.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from matchers.link import assign, block, choose, keep, rivals, score, ties
from matchers.link import labels as told
from matchers.link.engine import LEAST, MEMORY, Linked, search
from matchers.link.labels import Labels
from matchers.link.spec import Key, Spec
from matchers.link.train import Floats, Levels, Model, Way


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of rows with the levels of the fields that they were judged by, their probability, and whether no likelier one excludes them."""

    names: tuple[str, ...]
    left: block.Rows
    right: block.Rows
    levels: Levels
    probability: Floats
    stands: npt.NDArray[np.bool_]


def without(
    found: Linked, name: str, spec: Spec, keys: Sequence[Key] = (), *, labels: Labels | None = None, memory: int = MEMORY
) -> Pairs:  # fmt: skip
    """The pairs of two files that were linked, judged as if the field were missing in each record.

    `keys`: where to look for candidates; those with the field are left out, and where none is left they are proposed.
    Where pairs have no room in `memory`, the likeliest are kept, and none stands: rivals that are hardly less likely may be missing.
    """
    kept = [place for place, one in enumerate(found.fields) if one.name != name]
    fields = tuple(found.fields[place] for place in kept)
    model = _part(found.model, kept)
    model = replace(model, ties=ties.found(fields, model.u, model.m, found.sizes, np.random.default_rng(spec.seed)))
    elements = choose.Elements(fields)
    absent = [1 - (1 - a) * (1 - b) for a, b in (one.absent for one in fields)]
    keys = tuple(key for key in keys if all(part.field != name for part in key)) or choose.propose(
        choose.Supposed(elements, model.ways, found.finding.agree, absent, spec.block, spec.seed)
    )
    scorer = score.Scorer(fields, model, found.sizes)
    least = float(np.log2(LEAST / (1 - LEAST)))
    nobody = np.zeros(0, np.int32)
    looked = search(keys, elements, found.sizes, spec, memory, one_file=False)
    scored, floor = keep.gather(
        chain([(nobody, nobody)], looked.all()), scorer.score, least, keep.room(memory, len(fields))
    )
    scored = told.decided(scorer, scored, labels) if labels else scored
    chance, _ = rivals.probability(
        scored.left, scored.right, scored.bits, found.once, found.sizes, model.matches, told.said(scored, labels)
    )
    stands = assign.best(scored.left, scored.right, chance.astype(np.float32), spec.assign) & (floor is None)
    return Pairs(tuple(one.name for one in fields), scored.left, scored.right, scored.levels, chance, stands)


def _part(model: Model, kept: Sequence[int]) -> Model:
    """The model of some of its fields."""

    def of(tables: tuple[Floats, ...]) -> tuple[Floats, ...]:
        return tuple(tables[place] for place in kept)

    return replace(
        model, names=tuple(model.names[place] for place in kept), ways=tuple(Way(way.share, of(way.m)) for way in model.ways),
        u=of(model.u), relatives=of(model.relatives),
    )  # fmt: skip
