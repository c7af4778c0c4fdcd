"""Link two files from end to end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.words import Words
from matchers.link import (
    assign,
    beside,
    block,
    choose,
    crowds,
    encode,
    follows,
    keep,
    overlap,
    rivals,
    score,
    several,
    strangers,
    ties,
    train,
    trust,
)
from matchers.link import labels as told
from matchers.link.block import Blocked, Join
from matchers.link.calibrate import Correction
from matchers.link.encode import Element, Encoded
from matchers.link.kinds import KINDS
from matchers.link.labels import Labels, Taught
from matchers.link.score import Bits
from matchers.link.sounds import Readings
from matchers.link.spec import Key, Part, Spec
from matchers.link.strangers import Random
from matchers.link.train import Finding, Model, Sample
from matchers.link.trust import Warned

Column = Any
Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]

SAMPLE = 400_000
"""Candidates that are compared in full for learning."""
SAMPLED = 4 * SAMPLE
"""Candidates of the sample above which, by chance or because single records have very many, it is made smaller."""
ENOUGH = 0.985
"""Recall of the proposed keys below which they are proposed again, with what was learned."""
COLLAPSED = 1.3
"""How many times what was learned the count of matches is, where it is learned again with that count: it has missed a way of being one."""
REPEATED = 0.05
"""Share of records with several counterparts from which the files are taken to have things more than once, whatever the spec says."""
MEMORY = 4 << 30
JOINED = (12, 4)
"""Bytes that a left, and a right, record takes in a join."""
WIDE = 48
"""Bytes that each number of a key takes while its join is made."""
CLUSTER = 20
"""Records of one thing that are expected at most, on the average, where there may be several."""
OWN = 0.3
"""Distinct texts per record from which they are titles of single things."""
LOST = 0.005
"""Share of the matches that is lost with dropped pairs, above which it is said."""
LEAST = 0.01
"""Pairs below this probability are not kept."""
GROWN, LEAST_GROWN = 4, 100_000
"""The part of the memory that is for pairs between records that hang together; such pairs that are looked at in any case."""
UNSEEN = -3.0
"""Bits of a pair within a cluster that was not kept."""
FIRM = 1e6
"""Bits of a pair that a person decided, where records are put into clusters: more than all others of a cluster together."""


_NOBODY = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """What linking found; rows are places in the files, from 0."""

    fields: tuple[Encoded, ...]
    sizes: tuple[int, int]
    one_file: bool
    left: block.Rows
    right: block.Rows
    probability: Floats
    bits: npt.NDArray[np.float32]  # log₂ odds against strangers and relatives, before rivals
    levels: train.Levels
    decision: npt.NDArray[np.int8]  # 2 match, 1 possible, 0 not (it lost to a likelier pair, or is too unlikely)
    threshold: float  # probability from which a pair is a match
    model: Model
    blocks: tuple[Blocked, ...]
    proposed: bool  # whether the keys were proposed from the data
    finding: Finding
    warnings: tuple["Warned", ...]
    once: tuple[bool, bool]  # whether a left, and a right, record was taken to have one match at most
    correction: Correction  # of the bits, by which the probability was reckoned
    counted: float | None = (
        None  # matches there are at least: counted without the model (see `overlap`), or learned where pairs had no room
    )
    after: tuple[follows.Follows, ...] = ()  # fields that follow from another one
    clusters: block.Rows | None = None  # of each record, when one file was de-duplicated
    taught: Taught | None = None  # what people's decisions changed
    met: tuple[block.Flags, block.Flags] = (
        _NOBODY,
        _NOBODY,
    )  # whether a key found anything for a left, a right, record

    @property
    def candidates(self) -> int:
        """Pairs that the keys found (a pair that several keys found counts for each)."""
        return sum(b.pairs for b in self.blocks)


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """What a sample of the candidates taught."""

    model: Model
    finding: Finding  # how the keys find matches
    alone: Model  # the model without labels
    repeated: tuple[float, float]  # the share of left, of right, records that have several counterparts
    dropped: float  # the share of the matches that are lost with the dropped pairs
    counted: float | None  # matches there are at least, see `overlap`


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """How candidates are looked for: the keys, and how many left records at a time (the result is the same)."""

    keys: tuple[Key, ...]
    elements: Mapping[Part, Element]
    sizes: tuple[int, int]
    limit: int
    one_file: bool
    step: int
    held: tuple[Join, ...]  # all candidates where they fit into memory; else what each key finds, without a pair

    @property
    def blocked(self) -> tuple[Blocked, ...]:
        """What each key finds."""
        return tuple(one.blocked for one in self.held)

    @property
    def total(self) -> int:
        """Candidates of all keys together."""
        return sum(one.pairs for one in self.blocked)

    def sample(self, chosen: block.Flags, rng: np.random.Generator) -> tuple[block.Flags, block.Rows, block.Rows]:
        """All candidates of the chosen left records, each once; of fewer records, where some have very many."""
        joins = list(self._joins(chosen))
        chosen = _lighter(chosen, joins, rng)
        return chosen, *block.unpack(block.once([block.pack(*one.of(chosen)) for one in joins]))

    def all(self) -> Iterator[tuple[block.Rows, block.Rows]]:
        """All candidates, each once, in chunks."""
        for start in range(0, self.sizes[0], self.step):
            wanted = np.zeros(self.sizes[0], dtype=np.bool_)
            wanted[start : start + self.step] = True
            yield from block.pairs(list(self._joins(wanted)), self.sizes[0])

    def _joins(self, wanted: block.Flags) -> Iterator[Join]:
        if self.step >= self.sizes[0]:
            yield from self.held
            return
        for key in self.keys:
            yield block.join(key, self.elements, self.sizes, self.limit, one_file=self.one_file, wanted=wanted)


def search(
    keys: Sequence[Key],
    elements: Mapping[Part, Element],
    sizes: tuple[int, int],
    spec: Spec,
    memory: int,
    *,
    one_file: bool,
    before: Search | None = None,
) -> Search:
    """The candidates of these keys; their joins take a quarter of `memory` (bytes) at most. `before`: a search that may have had some."""
    left = sizes[0]
    for part in {part for key in keys for part in key}:
        elements[part]  # made once, before two threads ask for it
    entries, sides = [block.entries(key, elements, sizes) for key in keys], 2 if one_file else 1
    for key, some in zip(keys, entries, strict=True):
        if sum(some) > max(memory // WIDE, block.LISTED * sum(sizes)):
            raise _combined(key, sum(some) // sides, sum(sizes) // sides)
    fits = memory // 4 - JOINED[1] * sum(theirs for _, theirs in entries)
    taken = JOINED[0] * sum(mine for mine, _ in entries)
    step = left if fits >= taken else max(fits * left // taken, left // 64 + 1, 1)
    none = np.zeros(left, dtype=np.bool_) if step < left else None
    known = {one.blocked.key: one for one in before.held} if before and none is None and before.step >= left else {}

    def joined(key: Key) -> Join:
        return known.get(key) or block.join(key, elements, sizes, spec.block, one_file=one_file, wanted=none)

    narrow = 2 * WIDE * max(map(sum, entries), default=0) > memory // 4
    held = tuple(map(joined, keys) if narrow else beside.each(joined, keys))
    return Search(tuple(keys), elements, sizes, spec.block, one_file, max(step, 1), held)


def _lighter(chosen: block.Flags, joins: Sequence[Join], rng: np.random.Generator) -> block.Flags:
    """The chosen left records, or so many of them that their candidates are no more than there should be; the heaviest not."""
    counts = np.zeros(len(chosen))
    for one in joins:
        some = chosen[one.left]
        counts += np.bincount(one.left[some], weights=one.count[some], minlength=len(chosen))
    if counts.sum() <= SAMPLED:
        return chosen
    rows = rng.permutation(np.flatnonzero(chosen))
    light = rows[counts[rows] <= SAMPLE]
    fewer = np.zeros(len(chosen), dtype=np.bool_)
    fewer[light[counts[light].cumsum() <= SAMPLED] if len(light) else rows[[counts[rows].argmin()]]] = True
    return fewer


def _combined(key: Key, entries: int, records: int) -> InputError:
    """That a key of lists has more combinations than memory has room for."""
    name = "+".join(map(str, key))
    return InputError(
        Words(
            f"键 {name}：{records:,} 条记录里各项的组合有 {entries:,} 个，内存放不下；键里只留一个有多项的部分，或给更多 --memory",
            f"key {name}: what {records:,} records list makes {entries:,} combinations, for which memory has no room; keep one part that lists several"
            " things in the key, or give more --memory",
        )
    )


def link(
    left: Mapping[str, Column],
    right: Mapping[str, Column] | None,
    spec: Spec,
    readings: Readings,
    progress: Progress = lambda *_: None,
    *,
    memory: int = MEMORY,
    labels: Labels | None = None,
) -> Linked:
    """Compare what the spec says, and decide. `left`, `right`: Arrow columns of texts by name; `readings`: see `sounds`.

    `memory`: bytes that are held about at most, beside the values themselves; it changes the time, and the result only where possible pairs have no room, which is warned of.
    `labels`: pairs that people decided.
    """
    one_file = right is None
    progress("encode", 0.0)
    fields = encode.columns(left, right, spec, readings)
    whole = fields
    crowd = _crowds(fields, spec, labels, one_file=one_file)
    if crowd:
        fields, labels = crowd.once(fields), crowd.labels(labels)
    sizes = (len(fields[0].left), len(fields[0].right))
    elements = choose.Elements(fields)
    absent = [1 - (1 - a) * (1 - b) for a, b in (one.absent for one in fields)]
    prior = (train.Way(1.0, train.start([len(o.kind.levels) for o in fields], [o.kind.agreement for o in fields])),)
    progress("keys", 0.0)
    supposed = choose.Supposed(elements, prior, choose.assumed(fields), absent, spec.block, spec.seed)
    keys = spec.keys or choose.propose(supposed)
    found = search(keys, elements, sizes, spec, memory, one_file=one_file)
    progress("learn", 0.0)
    random = strangers.drawn(fields, sizes, np.random.default_rng(spec.seed))
    together = ties.found(fields, random.u, prior[0].m, sizes, np.random.default_rng(spec.seed))
    after = follows.found([(one.name, asked.kind, one.left) for one, asked in zip(fields, spec.fields, strict=True)])
    learnt = _learn(fields, found, random, together, absent, prior, supposed.agree, spec, labels, after)
    if not spec.keys and learnt.model.recall < ENOUGH:
        ways, agree = learnt.model.ways, learnt.finding.agree
        wider = choose.propose(replace(supposed, ways=ways, agree=agree))
        if set(wider) - set(keys):
            found = search(wider, elements, sizes, spec, memory, one_file=one_file, before=found)
            learnt = _learn(fields, found, random, together, absent, ways, agree, spec, labels, after)
    model = learnt.model
    counted = learnt.counted
    if counted:  # what was learned can be content with the matches that stand out; what was counted cannot
        model = replace(model, matches=max(model.matches, counted))
    if crowd:
        fields = crowd.weighed(fields, whole, model)
    scorer = score.Scorer(fields, model, sizes)
    least = float(np.log2(LEAST / (1 - LEAST)))
    met = np.zeros(sizes[0], dtype=np.bool_), np.zeros(sizes[1], dtype=np.bool_)
    room = keep.room(memory, len(fields))
    scored, floor = keep.gather(_all(found, met, progress), scorer.score, least, room)
    if floor is not None:
        counted = max(counted or 0.0, model.matches)  # what is kept counts no more than itself
        if not len(scored.left):
            raise _alike(keys, room)
    progress("assign", 0.0)
    once = _once(spec.assign, one_file, learnt.repeated)
    scored = told.decided(scorer, scored, labels) if labels else scored
    probability, correction = rivals.probability(
        scored.left, scored.right, scored.bits, once, sizes, model.matches, told.said(scored, labels)
    )
    how = "many_to_many" if one_file else spec.assign
    stands = assign.best(scored.left, scored.right, probability.astype(np.float32), how)
    threshold = _threshold(probability[stands], spec.tolerated)
    decision = np.where(stands & (probability >= threshold), 2, np.where(probability >= spec.possible, 1, 0)).astype(
        np.int8
    )
    groups, passed = None, 0
    if one_file:
        groups, passed = _clusters(scored, probability, threshold, sizes[0], labels, memory)
        same = groups[scored.left] == groups[scored.right]
        decision = np.where(same, 2, np.minimum(decision, 1)).astype(np.int8)
    total = max(float(probability.sum()) / model.recall, counted or 0.0)
    warnings = [
        *_warnings(learnt, found.blocked, fields, spec, one_file=one_file),
        *(
            Warned(code="follows", params={"coarse": f.coarse, "fine": f.fine, "share": f"{f.share:.0%}"})
            for f in after
        ),
        *trust.doubts(model, fields),
        *trust.cut(floor, len(scored.left)),
        *trust.tangled(passed),
        *trust.unclear(
            probability, decision, total, bound=model.matches > trust.ALL * _most(sizes, spec.assign, one_file)
        ),
    ]
    linked = Linked(
        fields, sizes, one_file, scored.left, scored.right, probability, scored.bits, scored.levels, decision, threshold,
        model, found.blocked, not spec.keys, learnt.finding, tuple(warnings), once, correction, counted, after, groups,
        told.taught(score.Scorer(fields, learnt.alone, sizes), labels, model) if labels else None, met,
    )  # fmt: skip
    return _expanded(linked, crowd, whole, spec, room) if crowd else linked


def _crowds(fields: Sequence[Encoded], spec: Spec, labels: Labels | None, *, one_file: bool) -> crowds.Crowds | None:
    """The crowds of equal records; where all pairs are compared without a key none is too large, and where one match excludes others none is asked for."""
    compared = not spec.keys and len(fields[0].left) * len(fields[0].right) <= choose.ALL
    if compared or not (one_file or spec.assign == "many_to_many"):
        return None
    return crowds.found(fields, spec.block, labels, one_file=one_file)


def _expanded(linked: Linked, crowd: crowds.Crowds, whole: tuple[Encoded, ...], spec: Spec, room: int) -> Linked:
    """The same of all records: each of a crowd beside its first one, in one file in one cluster with it where the evidence is enough."""
    sides, kept = crowd.sides, tuple(side.kept for side in crowd.sides)
    levels, bits = crowd.evidence(linked.fields, whole, linked.model)
    probability = 1 / (1 + np.exp2(-bits.astype(np.float64)))
    same = probability >= linked.threshold
    decided = np.where(same, 2, np.where(probability >= spec.possible, 1, 0)).astype(np.int8)
    left, right = kept[0][linked.left], kept[1][linked.right]
    before, floor, clusters = np.arange(len(left)), None, linked.clusters
    if clusters is not None:
        own, first, others = crowd.of(0), sides[0].first, sides[0].others
        clusters = crowd.joined(kept[0][clusters], same)
    else:
        before = np.flatnonzero(~np.isin(block.pack(left, right), block.pack(*crowd.first)))
        before, floor = _fitting_room(before, linked.bits, crowds.several(left, right, sides, spec.block), room)
        of, left, right = crowds.expanded(left[before], right[before], sides, spec.block)
        before = before[of]
        own, first, others = crowds.expanded(*crowd.first, sides, spec.block)
    likely = probability[own] >= LEAST
    own, left, right = own[likely], np.concatenate([left, first[likely]]), np.concatenate([right, others[likely]])
    order = np.argsort(block.pack(left, right))
    met = tuple(np.ones(side.size, dtype=np.bool_) for side in sides)
    for all_, there, some in zip(met, kept, linked.met, strict=True):
        all_[there] = some
    counts = crowd.counts()
    return replace(
        linked, fields=crowd.all(linked.fields, whole), sizes=(sides[0].size, sides[1].size), left=left[order], right=right[order],
        clusters=clusters, met=(met[0], met[1]),
        probability=np.concatenate([linked.probability[before], probability[own]])[order],
        bits=np.concatenate([linked.bits[before], bits[own]])[order],
        levels=np.concatenate([linked.levels[before], levels[own]])[order],
        decision=np.concatenate([linked.decision[before], decided[own]])[order],
        warnings=(
            *linked.warnings, *trust.alike(counts[~same]), *trust.cut(floor, len(left)),
            *(() if linked.one_file else trust.beside_first(counts[same], spec.block)),
        ),
    )  # fmt: skip


def _fitting_room(
    places: crowds.Places, bits: Bits, count: crowds.Places, room: int
) -> tuple[crowds.Places, float | None]:
    """The places of the likeliest pairs that have `room` where each counts so many times, and above which bits they are all there."""
    order = places[np.argsort(-bits[places], kind="stable")]
    over = np.flatnonzero(count[order].cumsum() > room)
    if not len(over):
        return places, None
    floor = float(bits[order[over[0]]])
    return places[bits[places] > floor], floor


def _alike(keys: Sequence[Key], room: int) -> InputError:
    """That the likeliest pairs alone are more than there is room for, so that none is better than another."""
    names = ", ".join("+".join(map(str, key)) for key in keys)
    return InputError(
        Words(
            f"键 {names} 找到的对里，同样可信的超过 {room:,} 对，内存放不下，也分不出先后：请加能分清的字段、把键写细，或给更多 --memory",
            f"of the pairs that the keys {names} find, more than {room:,} are equally likely: memory has no room for them, and none is better"
            " than another; add fields that tell them apart, write narrower keys, or give more --memory",
        )
    )


def _clusters(
    scored: score.Scored, probability: Floats, threshold: float, size: int, labels: Labels | None, memory: int
) -> tuple[block.Rows, int]:
    """The cluster of each record; two that are joined are, on the average, likelier the same than the threshold says.

    Beside them how many pairs were not looked at, because too many records hang together.
    """
    least = np.log2(threshold / np.maximum(1 - threshold, 1e-12))
    bits = np.log2(np.maximum(probability, 1e-12) / np.maximum(1 - probability, 1e-12)) - least
    if labels:
        packed = block.pack(scored.left, scored.right)
        for of, firm in ((labels.yes, FIRM), (~labels.yes, -(FIRM**1.5))):  # of a contradiction the no stands
            bits[np.isin(packed, block.pack(labels.left[of], labels.right[of]))] = firm
    most = max(memory // GROWN // assign.BESIDE, LEAST_GROWN)
    fit = assign.fitting(size, scored.left, scored.right, bits.astype(np.float32), most)
    pairs = (scored.left, scored.right, bits.astype(np.float32))
    pairs = pairs if fit.all() else (pairs[0][fit], pairs[1][fit], pairs[2][fit])
    groups = assign.clusters(size, *pairs, against=UNSEEN - float(least), held=min(most, assign.HELD))
    return groups, int((~fit).sum())


def _counted(
    fields: Sequence[Encoded],
    model: Model,
    repeated: tuple[float, float],
    after: Sequence[follows.Follows],
    assign: str,
    *,
    one_file: bool,
) -> float | None:
    """Matches that there are at least; None where it cannot be counted, because a file has things several times."""
    if one_file or assign != "one_to_one" or max(repeated) >= REPEATED:
        return None
    place = {one.name: n for n, one in enumerate(fields)}
    apart = frozenset((min(p), max(p)) for p in ((place[f.coarse], place[f.fine]) for f in after))
    figure = overlap.matches(fields, [float(m[-1]) for m in model.m], apart)
    return min(figure, float(len(fields[0].left)), float(len(fields[0].right))) if figure else None


def _once(assign: str, one_file: bool, repeated: tuple[float, float]) -> tuple[bool, bool]:
    """Whether a left, and a right, record has one match at most: as the spec says, unless the data say otherwise."""
    if one_file:
        return False, False
    told = assign in ("one_to_one", "many_to_one"), assign in ("one_to_one", "one_to_many")
    return told[0] and repeated[0] < REPEATED, told[1] and repeated[1] < REPEATED


def _all(
    search: Search, met: tuple[block.Flags, block.Flags], progress: Progress
) -> Iterator[tuple[block.Rows, block.Rows]]:
    """All candidates; `met` is told whose they are."""
    total, done = max(search.total, 1), 0
    yield np.zeros(0, np.int32), np.zeros(0, np.int32)
    for left, right in search.all():
        met[0][left] = met[1][right] = True
        yield left, right
        done += len(left)
        progress("score", min(done / total, 1.0))


def _learn(
    fields: Sequence[Encoded],
    search: Search,
    random: Random,
    together: tuple[ties.Tie, ...],
    absent: Sequence[float],
    first: tuple[train.Way, ...],
    agree: Mapping[Part, Floats],
    spec: Spec,
    labels: Labels | None,
    after: Sequence[follows.Follows],
) -> Learnt:
    """From a sample of left records with all their candidates."""
    rng = np.random.default_rng(spec.seed)
    sizes, one_file = search.sizes, search.one_file
    pairs = float(sizes[0]) * sizes[1] / (2 if one_file else 1)
    chosen = rng.random(sizes[0]) < min(1.0, SAMPLE / max(search.total, 1))
    chosen, left, right = search.sample(chosen, rng)
    levels = score.levels(fields, left, right)
    share = float(max(chosen.mean(), 1e-9))
    u = random.u
    if not one_file:
        u = strangers.nearer(random, fields, search.elements, search.blocked, levels, share, pairs)
    rare = score.rare_of(fields, score.rarities(fields, u, sizes), levels, left)
    names = tuple(one.name for one in fields)
    seen, pattern = train.index(levels)
    most = _most(sizes, spec.assign, one_file)
    begin = train.blend(first)
    if len(first) == 1:  # nothing learned yet
        begin = tuple(
            train.likely(m, mine, pairs, most, alone=len(fields) == 1) if one.kind.ordered else m
            for m, mine, one in zip(begin, u, fields, strict=True)
        )
    evidence = several.Evidence(fields, begin, u, float(np.log(most / 2 / pairs)))
    # of a part of the left records, only that part of a right one's counterparts is seen
    repeated = (
        several.share(evidence, left, right, levels, 0),
        several.share(evidence, left, right, levels, 1) / share,
    )
    once = _once(spec.assign, one_file, repeated)
    # of a part of the left records, rivals for a right one are missing
    by_right = once == (False, True) and share == 1.0
    group = np.unique(right if by_right else left, return_inverse=True)[1]
    people = any(one.kind.own for one in fields)  # whose works have titles, which are not their own
    titles = tuple(one_file and not people and _title(one) for one in fields)
    own = np.asarray([one.kind.own or title for one, title in zip(fields, titles, strict=True)])
    sample = Sample(
        seen=seen,
        pattern=pattern,
        group=group,
        rarity=rare.sum(axis=1) * np.log(2),
        records=sizes[1] if by_right else int(chosen.sum()),
        other=np.unique(right, return_inverse=True)[1] if once == (True, True) and share == 1.0 else None,
        others=sizes[1],
        share=share,
        exclusive=once[0] or by_right,
        own=own,
        ordered=tuple(one.kind.ordered for one in fields),
        ties=together,
        titles=titles,
    )
    agree = choose.shared(fields, search.elements, search.keys, left, right, levels, agree)
    finding = Finding(search.keys, agree, tuple(one.lost for one in search.blocked))
    fit = partial(train.fit, sample, begin, u, finding, absent, pairs, names, spec.seed, most)
    alone = fit()
    counted = _counted(fields, alone, repeated, after, spec.assign, one_file=one_file)
    if counted and counted > COLLAPSED * alone.matches:
        fit = partial(fit, counted=counted)
        alone = fit()
    model = fit(labels=told.counted(fields, labels)) if labels else alone
    sure = score.Scorer(fields, model, sizes).posterior(levels, rare)
    finding = replace(finding, agree=choose.agreement(fields, left, right, levels, sure, agree))
    return Learnt(model, finding, alone, repeated, _dropped(finding, model, absent, spec.seed), counted)


def _title(one: Encoded) -> bool:
    """Whether a text is a thing's own: a large part of the values stands there once."""
    return one.kind is KINDS["text"] and one.varied > OWN


def _dropped(finding: Finding, model: Model, absent: Sequence[float], seed: int) -> float:
    """The share of the matches that some key would find if nothing were dropped."""
    if not any(finding.lost):
        return 0.0
    drawn = train.draw(model.ways, absent, np.random.default_rng(seed))
    found = [
        float(one.hits(drawn, model.names, np.random.default_rng(seed)).mean())
        for one in (replace(finding, lost=()), finding)
    ]
    return found[0] - found[1]


def _most(sizes: tuple[int, int], assign: str, one_file: bool) -> float:
    """How many matches there can be; of one file a cluster of so many has half its square."""
    if one_file:
        return float(sizes[0]) * CLUSTER / 2
    return float(
        {"one_to_one": min(sizes), "many_to_one": sizes[0], "one_to_many": sizes[1]}.get(assign, CLUSTER * max(sizes))
    )


def _threshold(probability: Floats, tolerated: float | None) -> float:
    """The lowest probability from which on the accepted pairs hold no more wrong ones than tolerated; never below one half."""
    if tolerated is None or not len(probability):
        return 0.5
    ordered = np.sort(probability)[::-1]
    wrong = np.cumsum(1 - ordered) / np.arange(1, len(ordered) + 1)
    fine = np.flatnonzero(wrong <= tolerated)
    return max(float(ordered[fine[-1]]) if len(fine) else 1.0, 0.5)


def _warnings(
    learnt: Learnt, blocks: Sequence[Blocked], fields: Sequence[Encoded], spec: Spec, *, one_file: bool
) -> tuple[Warned, ...]:
    model = learnt.model
    found = [Warned(code="empty", params={"field": one.name}) for one in fields if 1.0 in one.absent]
    pairs = sum(one.pairs for one in blocks)
    if not pairs:
        found.append(Warned(code="no_pairs", params={}))
    if model.recall < 0.98:
        code = "recall" if spec.keys else "recall_proposed"
        found.append(Warned(code=code, params={"recall": round(model.recall, 3)}))
    dropped = sum(one.dropped for one in blocks)
    if dropped > pairs or learnt.dropped > LOST:
        keys = [one for one in blocks if one.dropped]
        found.append(
            Warned(
                code="dropped",
                params={
                    "dropped": dropped,
                    "values": sum(one.values for one in keys),
                    "keys": ", ".join("+".join(map(str, one.key)) for one in keys),
                    "share": f"{learnt.dropped:.1%}",
                },
            )
        )
    fitting = _fitting(spec.assign, learnt.repeated)
    if fitting != spec.assign and not one_file:
        several_of = max(learnt.repeated)
        found.append(
            Warned(code="repeated", params={"share": f"{several_of:.0%}", "assign": spec.assign, "better": fitting})
        )
    return tuple(found)


def _fitting(assign: str, repeated: tuple[float, float]) -> str:
    """The assignment that the data ask for: the one given, where no record that may have one counterpart has several."""
    one = _once(assign, False, repeated)
    return {(True, True): "one_to_one", (False, True): "one_to_many", (True, False): "many_to_one"}.get(
        one, "many_to_many"
    )
