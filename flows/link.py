"""Link two files of records, or one file with itself: read, hold against the spec, link, write the pairs, judge."""

import csv
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet

from core import posix
from core.errors import InputError, choices
from core.words import Words
from matchers.likeness import Readings
from matchers.link import Labels, Linked, Spec, block, judge, link
from matchers.link.engine import MEMORY
from matchers.link.judge import Outcome
from matchers.link.spec import ROWS
from matchers.link.trust import Warned

Table = Any
ENDINGS = (".csv", ".parquet")
LEAST_MEMORY = 256 << 20
SHARE, PAIR = 2, 160
"""The part of the memory that is for pairs to write, and bytes that one takes."""
DECISIONS = np.asarray(["no", "possible", "match"], dtype=object)


def run(
    left: Table,
    right: Table | None,
    spec: Spec,
    readings: Readings,
    names: tuple[str, str],
    truth: Table | None = None,
    progress: Callable[[str, float], None] = lambda *_: None,
    *,
    memory: int = MEMORY,
    labels: Table | None = None,
    explain: Sequence[str] = (),
) -> Outcome:
    """Link, and judge where the truth is known; `memory`: about how many bytes may be held; `labels`: pairs that people decided.

    `explain`: pairs that the page is to show, as "LEFT_ID,RIGHT_ID" each. Raises InputError for columns that are missing, ids missing
    or doubled, a truth of which no pair is there, and a pair to explain that is none.
    """
    began = time.perf_counter()
    pa.set_memory_pool(pa.system_memory_pool())
    posix.lean()
    if right is None:
        _told_by_id(spec, names[0])
    wanted = [[*_named(spec.left_id), *(f.left for f in spec.fields)]]
    _columns(left, wanted[0], names[0])
    left_ids = _ids(left, spec.left_id, names[0])
    right_ids = left_ids
    if right is not None:
        wanted.append([*_named(spec.right_id), *(f.right for f in spec.fields)])
        _columns(right, wanted[1], names[1])
        right_ids = _ids(right, spec.right_id, names[1])
    asked = _asked(explain, left_ids, right_ids, names) if explain else None
    sizes = (len(left_ids), len(right_ids))
    if not all(sizes):
        bare = [name for name, size in dict(zip(names, sizes, strict=True)).items() if not size]
        empty = (Warned(code="bare", params={"file": name}) for name in bare)
        warnings = (*empty, *_unread((left, right), wanted, names))
        nothing = _no_pairs(one_file=right is None)
        return Outcome(None, sizes, left_ids, right_ids, nothing, time.perf_counter() - began, warnings=warnings)
    said = _labels(labels, left_ids, right_ids) if labels is not None else None
    known = _truth(truth, left_ids, right_ids) if truth is not None else None
    sides = _ByName(left), None if right is None else _ByName(right)
    found = link(*sides, spec, readings, _stepping(progress), memory=memory, labels=said)
    unknown = _unknown({"--labels": labels, "--truth": truth}, left_ids, right_ids)
    whole = judge.whole(found.clusters, memory // SHARE // PAIR) if found.clusters is not None else None
    pairs = table(found, left_ids, right_ids, whole)
    return Outcome(
        found,
        sizes,
        left_ids,
        right_ids,
        pairs,
        time.perf_counter() - began,
        judge.against(found, *known) if known else None,
        judge.estimated(found),
        (
            *found.warnings,
            *([Warned(code="unassigned", params={})] if right is None and spec.assigned else []),
            *(_overruled(found, said, spec.assign) if said else ()),
            *_crowded(found, whole),
            *unknown,
            *_unread((left, right), wanted, names),
        ),
        asked,
    )


def held(text: str) -> int:
    """The bytes of "4GB" or "800 MB". Raises InputError where it is no such text, or less than 256 MB."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])i?B?", text.strip(), re.IGNORECASE)
    size = int(float(found[1]) * (1 << (30 if found[2] in "Gg" else 20))) if found else 0
    if size < LEAST_MEMORY:
        raise InputError(
            Words(
                f"--memory {text}：应写成 4GB、800MB，至少 256MB",
                f"--memory {text}: write it as 4GB or 800MB; 256MB is the least",
            )
        )
    return size


def writable(path: Path, option: str = "--out", endings: Sequence[str] = ENDINGS, given: Iterable[Path] = ()) -> Path:
    """The path, whose folder is made.

    Raises InputError where its ending is none of these, where no file can be written, or where a `given` file is there.
    """
    if path.suffix.lower() not in endings:
        there = choices(endings)
        raise InputError(
            Words(f"{option} {path}：应以 {there} 结尾", f"{option} {path}: it should end with one of {there}")
        )
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(Words(f"{option} {path}：这里写不了文件", f"{option} {path}: no file can be written there"))
    if any(path.resolve() == one.resolve() for one in given):
        raise InputError(
            Words(
                f"{option} {path}：这是要读或要写的另一个文件，会被覆盖；请换一个名字",
                f"{option} {path}: a file that is read, or written beside, would be written over; give another name",
            )
        )
    return path


def apart(left: Path, right: Path | None) -> None:
    """Refuse one file in the place of two: every record would be its own counterpart."""
    if right and right.resolve() == left.resolve():
        raise InputError(
            Words(
                f"{right}：左右是同一个文件；查重只给一个文件",
                f"{right}: both files are the same; to find duplicates in one file give it alone",
            )
        )


def _stepping(progress: Callable[[str, float], None]) -> Callable[[str, float], None]:
    """The same; before each step what the one before has left goes back to the system."""
    steps: set[str] = set()

    def step(name: str, share: float) -> None:
        if name not in steps:
            steps.add(name)
            posix.give_back()
        progress(name, share)

    return step


def table(found: Linked, left_ids: Table, right_ids: Table, whole: int | None = None) -> Table:
    """The pairs to write: matches and possible ones, in the order of the left file.

    Of one file, `whole`: the size of clusters above which each record is written with the first one only.
    """
    keep = np.flatnonzero(found.decision > 0)
    left, right = found.left[keep], found.right[keep]
    columns = {
        "left_id": left_ids.take(pa.array(left)),
        "right_id": right_ids.take(pa.array(right)),
        "probability": pa.array(np.round(found.probability[keep], 6)),
        "decision": pa.array(DECISIONS[found.decision[keep]], type=pa.string()),
    }
    if found.clusters is not None:
        columns |= _clustered(found, left_ids, whole)
    return pa.table(columns)


def _overruled(found: Linked, labels: Labels, assign: str) -> Iterator[Warned]:
    """The pairs that people called a match and that do not stand, because others exclude them; records by their places, from 1."""
    stands = found.decision == 2
    pairs = block.pack(found.left[stands], found.right[stands])
    lost = labels.yes & ~np.isin(block.pack(labels.left, labels.right), pairs)
    if not lost.any():
        return
    left, right = labels.left[lost], labels.right[lost]
    told = {"pairs": f"{len(left):,}", "left": f"{left[0] + 1:,}", "right": f"{right[0] + 1:,}"}
    if found.one_file:
        yield Warned(code="contrary", params=told)
        return
    several = (
        (np.bincount(rows[labels.yes])[some] > 1).any() for rows, some in ((labels.right, right), (labels.left, left))
    )
    asked = assign.split("_to_")
    better = "_to_".join("many" if many else one for many, one in zip(several, asked, strict=True))
    yield Warned(code="overruled", params=told | {"assign": assign, "better": better})


def _crowded(found: Linked, whole: int | None) -> Iterator[Warned]:
    """The clusters of which not all pairs are written."""
    if found.clusters is None or whole is None:
        return
    sizes = np.bincount(found.clusters)
    if (sizes > whole).any():
        yield Warned(code="crowded", params={"clusters": int((sizes > whole).sum()), "size": whole})


def _clustered(found: Linked, ids: Table, whole: int | None) -> dict[str, Table]:
    """Of one file: every pair of a cluster is a match, also where only a third record joins the two."""
    groups = found.clusters
    assert groups is not None
    left, right = judge.within(groups, whole)
    known, packed = block.pack(found.left, found.right), block.pack(left, right)
    order = np.argsort(known, kind="stable")
    places = np.searchsorted(known[order], packed).clip(max=max(len(known) - 1, 0))
    chance = np.full(len(packed), found.threshold)
    if len(known):
        seen = known[order[places]] == packed
        chance[seen] = found.probability[order[places[seen]]]
    possible = np.flatnonzero((found.decision > 0) & (groups[found.left] != groups[found.right]))
    lefts = np.concatenate([left, found.left[possible]])
    rights = np.concatenate([right, found.right[possible]])
    return {
        "left_id": ids.take(pa.array(lefts)),
        "right_id": ids.take(pa.array(rights)),
        "probability": pa.array(np.round(np.concatenate([chance, found.probability[possible]]).astype(float), 6)),
        "decision": pa.array(["match"] * len(left) + ["possible"] * len(possible), type=pa.string()),
        "cluster": ids.take(pa.array(groups[lefts])),
    }


def write(pairs: Table, path: Path) -> None:
    """csv (UTF-8) or parquet, by the file's ending. Raises InputError where it cannot be written."""
    put = arrow_parquet.write_table if path.suffix.lower() == ".parquet" else arrow_csv.write_csv
    with written(path) as partial:
        put(pairs, partial)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Where to write the file, which takes its name once it is whole: what was there stays until then.

    Raises InputError where it cannot be written.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise InputError(
            Words(f"{path}：写不下去（{error.strerror}）", f"{path}: it could not be written ({error.strerror})")
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink()


def _columns(given: Table, wanted: list[str], name: str) -> None:
    for column in wanted:
        if column not in given.column_names:
            there, sheets = choices(filter(None, given.column_names)), left_out(given)
            raise InputError(
                Words(
                    f"{name}：没有列 '{column}'；有：{there}"
                    + (f"（只读第一张工作表；没有读：{sheets}）" if sheets else "（表头应在第一行）"),
                    f"{name}: no column '{column}'; there are: {there}"
                    + (f" (of the first sheet; not read: {sheets})" if sheets else " (the header is the first row)"),
                )
            )


def left_out(given: Table) -> str:
    """The sheets of a workbook that are not read."""
    return "、".join(getattr(given, "left_out", ()))


def _unread(given: Sequence[Table | None], wanted: Sequence[list[str]], names: tuple[str, str]) -> Iterator[Warned]:
    """What of the files somebody might have meant, and was not read: other sheets, and other columns of the same name."""
    for one, columns, name in zip(given, wanted, names, strict=False):
        if one is None:
            continue
        if sheets := left_out(one):
            yield Warned(code="sheets", params={"file": name, "sheets": sheets})
        for column in dict.fromkeys(columns):
            if f"{column} (2)" in one.column_names:
                yield Warned(code="twins", params={"file": name, "column": column})


def _told_by_id(spec: Spec, name: str) -> None:
    """Refuse the id of one file's records as a field: no two have the same, so it tells against every pair."""
    for field in spec.fields:
        if field.left == spec.left_id:
            raise InputError(
                Words(
                    f"{name}：字段 {field.name} 就是编号列 {spec.left_id}：查重时编号各不相同，每一对都会被它否定；请去掉这个字段",
                    f"{name}: field {field.name} is the id column {spec.left_id}: in one file no two are the same, and it"
                    " speaks against every pair; leave the field out",
                )
            )


def _named(column: str) -> list[str]:
    return [] if column == ROWS else [column]


def _ids(given: Table, column: str, name: str) -> Table:
    if column == ROWS and ROWS not in given.column_names:
        return pa.array(map(str, range(1, given.num_rows + 1)), type=pa.string())
    ids = given[column].combine_chunks() if given.num_rows else pa.array([], type=pa.string())
    absent = pc.or_kleene(pc.is_null(ids), pc.equal(pc.utf8_trim_whitespace(ids), pa.scalar("", pa.string())))
    if missing := absent.true_count:
        first = pc.index(absent, True).as_py() + 1
        raise InputError(
            Words(
                f"{name}：{missing} 行没有编号（列 {column}，第一处是第 {first} 条记录）",
                f"{name}: {missing} rows have no id (column {column}, the first is record {first})",
            )
        )
    doubled = len(ids) - len(pc.unique(ids))
    if doubled:
        codes = ids.dictionary_encode().indices.to_numpy()
        known = np.unique(codes, return_index=True)[1]
        again = int(np.setdiff1d(np.arange(len(codes)), known)[0])
        before = int(known[codes[again]])
        raise InputError(
            Words(
                f"{name}：列 {column} 中有 {doubled} 个编号重复（第一处是第 {again + 1} 条记录，同第 {before + 1} 条）；编号必须唯一",
                f"{name}: {doubled} ids of column {column} stand there more than once (the first is record {again + 1}, as"
                f" record {before + 1}); ids must be unique",
            )
        )
    return ids


YES = ("yes", "y", "1", "true", "match", "是", "同一")
NO = ("no", "n", "0", "false", "no match", "否", "不是")


def _labels(given: Table, left_ids: Table, right_ids: Table) -> Labels | None:
    """The decided pairs whose records are there, each as it was decided last; a pair of one file the smaller row first."""
    _columns(given, ["left_id", "right_id", "match"], "--labels")
    said = [(text or "").strip().lower() for text in given["match"].to_pylist()]
    if wrong := [row for row, text in enumerate(said, 1) if text not in YES + NO]:
        raise InputError(
            Words(
                f"--labels：第 {wrong[0]} 条记录的 match 应是：{choices(YES + NO)}",
                f"--labels: match of record {wrong[0]} should be one of: {choices(YES + NO)}",
            )
        )
    left, right, there = _rows(given, left_ids, right_ids)
    yes = np.asarray([text in YES for text in said], dtype=np.bool_)
    last = dict(zip(block.pack(left[there], right[there]).tolist(), yes[there].tolist(), strict=True))
    pairs = block.unpack(np.asarray(list(last), dtype=np.int64))
    return Labels(*pairs, np.asarray(list(last.values()), dtype=np.bool_)) if last else None


def _truth(truth: Table, left_ids: Table, right_ids: Table) -> tuple[Any, Any]:
    _columns(truth, ["left_id", "right_id"], "--truth")
    left, right, there = _rows(truth, left_ids, right_ids)
    if not there.any():
        raise InputError(
            Words(
                f"--truth：{truth.num_rows} 条记录没有一条的两个编号都在文件里；编号是否少了前面的零，left_id、right_id 是否写反？",
                f"--truth: none of its {truth.num_rows} records names two records of the files; do the ids lack their leading zeros, "
                "or are left_id and right_id exchanged?",
            )
        )
    return left[there], right[there]


def _asked(explain: Sequence[str], left_ids: Table, right_ids: Table, names: tuple[str, str]) -> tuple[Any, Any]:
    """The rows of pairs that are to be explained; what is wrong is told by its place, for an id can be a person's number."""
    split = [next(csv.reader([text]), []) for text in explain]
    for n, ids in enumerate(split, 1):
        if len(ids) != 2:
            raise InputError(
                Words(
                    f"--explain 第 {n} 个：应写成 左编号,右编号（同结果文件的前两列）",
                    f"--explain no. {n}: write it as LEFT_ID,RIGHT_ID, the first two columns of the pairs",
                )
            )
        for text, there, file in zip(ids, (left_ids, right_ids), names, strict=True):
            if pc.index(there, pa.scalar(text, there.type)).as_py() < 0:
                raise InputError(
                    Words(
                        f"--explain 第 {n} 个：{file} 里没有这个编号",
                        f"--explain no. {n}: {file} has no such id",
                    )
                )
        if left_ids is right_ids and ids[0] == ids[1]:
            raise InputError(
                Words(
                    f"--explain 第 {n} 个：一条记录与它自己不是一对",
                    f"--explain no. {n}: a record and itself are no pair",
                )
            )
    columns = {"left_id": [ids[0] for ids in split], "right_id": [ids[1] for ids in split]}
    left, right, _ = _rows(pa.table(columns), left_ids, right_ids)
    return left, right


def _rows(given: Table, left_ids: Table, right_ids: Table) -> tuple[Any, Any, Any]:
    """The rows that each pair of ids names, −1 where there is none, and whether it is a pair of records.

    Of one file the smaller row comes first, and a record and itself are no pair.
    """
    left, right = (
        np.asarray(pc.index_in(given[c].combine_chunks(), value_set=ids).fill_null(-1), dtype=np.int32)
        for c, ids in (("left_id", left_ids), ("right_id", right_ids))
    )
    there = (left >= 0) & (right >= 0)
    if left_ids is right_ids:
        left, right = np.minimum(left, right), np.maximum(left, right)
        there &= left != right
    return left, right, there


def _unknown(given: Mapping[str, Table | None], left_ids: Table, right_ids: Table) -> Iterator[Warned]:
    """The files of pairs of which some name records that there are not."""
    for name, pairs in given.items():
        if pairs is None or not pairs.num_rows:
            continue
        sides = (pc.is_in(pairs[c], value_set=ids) for c, ids in (("left_id", left_ids), ("right_id", right_ids)))
        lost = pairs.num_rows - (pc.sum(pc.and_(*sides)).as_py() or 0)
        if lost:
            yield Warned(code="unknown", params={"file": name, "rows": pairs.num_rows, "unknown": lost})


class _ByName(Mapping[str, Table]):
    """A table's columns by name, each read when it is asked for."""

    def __init__(self, given: Table) -> None:
        self._given = given

    def __getitem__(self, name: str) -> Table:
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given.column_names)

    def __len__(self) -> int:
        return len(self._given.column_names)


def _no_pairs(*, one_file: bool) -> Table:
    text, number = pa.array([], pa.string()), pa.array([], pa.float64())
    columns: dict[str, Table] = {"left_id": text, "right_id": text, "probability": number, "decision": text}
    return pa.table(columns | ({"cluster": text} if one_file else {}))
