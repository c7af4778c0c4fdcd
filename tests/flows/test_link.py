"""`run.py link` takes files as people have them, names what is wrong with them, and writes pairs that programs can read."""

import csv
import errno
import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as parquet
import pytest

from bots.sources import records
from console.render import linked
from core import settings
from core.errors import InputError
from flows import link as linking
from matchers.link import Spec, calibrate, engine, judge
from matchers.link import read as read_spec
from matchers.link.spec import Field
from tests.matchers.link import people
from tests.practice import ROOT

SPEC = """schema: 1
id: id
fields:
  given: given
  family: family
  born: birth
  phone: phone
  street: address
"""


def _run(*words: object, code: int = 0) -> str:
    ended = subprocess.run(
        [sys.executable, "run.py", "link", *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout if code == 0 else ended.stderr


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("link")
    left, right, truth = people.files(1200)
    one = pa.table({"id": pa.array([f"L{n}" for n in range(1200)]), **left})
    other = pa.table({"id": pa.array([f"R{n}" for n in range(1200)]), **right})
    pyarrow.csv.write_csv(one, folder / "left.csv")
    parquet.write_table(other, folder / "right.parquet")
    pyarrow.csv.write_csv(
        pa.table({"left_id": [f"L{a}" for a, _ in sorted(truth)], "right_id": [f"R{b}" for _, b in sorted(truth)]}), folder / "truth.csv"
    )  # fmt: skip
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("people", 0)
    sheet.append(one.column_names)
    for row in one.to_pylist():
        sheet.append(list(row.values()))
    book.save(folder / "left.xlsx")
    return folder


def test_two_files_are_linked_judged_and_explained(files: Path) -> None:
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", files / "pairs.csv")
    said = json.loads(_run(*words, "--truth", files / "truth.csv", "--report", files / "page.html", "--json"))
    assert {"left", "right", "candidates", "matches", "possible", "seconds", "peak_mb", "engine"} <= said.keys()
    assert said["f1"] > 0.95
    with (files / "pairs.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == ["left_id", "right_id", "probability", "decision"]
    assert sum(row["decision"] == "match" for row in rows) == said["matches"]
    assert sum(row["decision"] == "possible" for row in rows) == said["possible"]
    page = (files / "page.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "http" not in page


def test_a_workbook_gives_the_same_pairs_as_a_text_file(files: Path) -> None:
    for name in ("left.csv", "left.xlsx"):
        _run(files / name, files / "right.parquet", "--spec", files / "spec.yaml", "--out", files / f"{name}.pairs.csv")
    assert (files / "left.csv.pairs.csv").read_bytes() == (files / "left.xlsx.pairs.csv").read_bytes()


def test_a_suggested_spec_links_as_it_stands(files: Path, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(
        _run(files / "left.csv", files / "right.parquet", "--suggest"), encoding="utf-8"
    )
    said = json.loads(_run(
        files / "left.csv", files / "right.parquet", "--spec", tmp_path / "spec.yaml", "--out", tmp_path / "p.parquet",
        "--truth", files / "truth.csv", "--json",
    ))  # fmt: skip
    assert said["f1"] > 0.95
    assert parquet.read_table(tmp_path / "p.parquet").column_names[:4] == [
        "left_id",
        "right_id",
        "probability",
        "decision",
    ]


@pytest.mark.parametrize(
    ("left", "spec", "named"),
    [
        (
            "id,given,family,born,phone\n1,a,b,c,d\n",
            SPEC,
            "no column 'street'; there are: born, family, given, id, phone",
        ),
        (
            "id,given,family,born,phone,street\n1,a,b,c,d,e\n1,a,b,c,d,e\n",
            SPEC,
            "1 ids of column id stand there more than once",
        ),
        ("id,given,family,born,phone,street\n,a,b,c,d,e\n", SPEC, "1 rows have no id"),
        ("", SPEC, "the file is empty"),
        ("id,given\n1,a\n", SPEC.replace("given: given", "given: nickname"), "spec.yaml:4: fields.given"),
        ("id,given\n1,a\n", SPEC + "keys: [[given, age]]\n", "no field 'age'; there are: born"),
        (
            "id,given\n1,a\n",
            SPEC.replace("given: given", "given: {kind: 姓名}"),
            "spec.yaml:4: fields.given.kind: no kind '姓名'; a field is a kind (its column has its name) or {kind: …, column: 姓名}",
        ),
        (
            "id,given\n1,a\n",
            SPEC + "  sex: {kind: category, left: given, right: given}\n",
            "spec.yaml:9: fields.sex: it has the columns of field given (given, given)",
        ),
        ("id,given\n1,a\n", SPEC + "max_block: 0\n", "max_block: 0 is outside 1 … ∞"),
        ("id,given\n1,a\n", SPEC + "tolerance: 3\n", "unknown key"),
        ("id,given\n1,a\n", SPEC + "keys: [[]]\n", "keys.0: an empty key"),
        ("id,given\n1,a\n", "schema: 1\nid: id\nfields: {}\n", "spec.yaml:3: fields: there is no field"),
        ("id,given,family,born,phone,street\n ,a,b,c,d,e\n", SPEC, "1 rows have no id"),
        (
            "id,given,family,born,phone,street\n1,a,b,c,d,e\n2,a,b,c,d,e\n1,a,b,c,d,f\n",
            SPEC,
            "1 ids of column id stand there more than once (the first is record 3, as record 1)",
        ),
        (
            "id,given,given,born,phone,street\n1,a,b,c,d,e\n",
            SPEC,
            "no column 'family'; there are: born, given, given (2)",
        ),
        (
            "id,given,family,born,phone,street\n1,Secret\n",
            SPEC,
            "not a whole table (Row #2: Expected 6 columns, got 2)",
        ),
    ],
)
def test_what_is_wrong_is_named(files: Path, tmp_path: Path, left: str, spec: str, named: str) -> None:
    (tmp_path / "left.csv").write_text(left, encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(spec, encoding="utf-8")
    words = (
        tmp_path / "left.csv",
        files / "right.parquet",
        "--spec",
        tmp_path / "spec.yaml",
        "--out",
        tmp_path / "o.csv",
    )
    assert named in _run(*words, code=2)
    assert not (tmp_path / "o.csv").exists()


def test_a_file_with_a_header_only_gives_no_pairs(files: Path, tmp_path: Path) -> None:
    (tmp_path / "left.csv").write_text("id,given,family,born,phone,street\n", encoding="utf-8")
    words = (tmp_path / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "o.csv")
    said = json.loads(_run(*words, "--report", tmp_path / "r.html", "--json"))
    assert (said["left"], said["matches"]) == (0, 0)
    assert said["warnings"] == [f"{tmp_path / 'left.csv'} has no record (a header alone)"]
    assert "has no record" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert (tmp_path / "o.csv").read_text(encoding="utf-8").splitlines() == [
        '"left_id","right_id","probability","decision"'
    ]


def test_gb18030_is_read_as_such(files: Path, tmp_path: Path) -> None:
    (tmp_path / "left.csv").write_bytes("编号,姓名\n1,王小明\n2,李建国\n".encode("gb18030"))
    assert "姓名" in _run(tmp_path / "left.csv", "--suggest")


def test_memory_is_a_size_in_words_of_people(files: Path) -> None:
    assert (linking.held("4GB"), linking.held("0.5 g"), linking.held("800MiB")) == (4 << 30, 1 << 29, 800 << 20)
    words = (files / "left.csv", "--spec", files / "spec.yaml", "--out", files / "none.csv", "--memory")
    for size in ("many", "10MB"):
        assert f"--memory {size}" in _run(*words, size, code=2)


def test_rows_without_an_id_are_named_by_their_numbers(files: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(SPEC.replace("id: id", 'id: "#"'), encoding="utf-8")
    words = (files / "left.csv", files / "right.parquet", "--spec", tmp_path / "rows.yaml", "--out", tmp_path / "p.csv")
    assert json.loads(_run(*words, "--json"))["matches"] > 800
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as handle:
        assert all(1 <= int(row["left_id"]) <= 1200 for row in csv.DictReader(handle))


def test_what_people_decided_stands_and_is_told(files: Path, tmp_path: Path) -> None:
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    _run(*words)
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["decision"] == "match"]
    (one, other), labels = rows[:2], tmp_path / "labels.csv"
    labels.write_text(
        f"left_id,right_id,match\n{one['left_id']},{one['right_id']},no\n{other['left_id']},{other['right_id']},是\n",
        encoding="utf-8",
    )
    asked = ("--explain", f"{one['left_id']},{one['right_id']}")
    said = json.loads(_run(*words, "--labels", labels, "--report", tmp_path / "page.html", *asked, "--json"))
    assert (said["labels"]["yes"], said["labels"]["no"], said["labels"]["otherwise"]) == (1, 1, 1)
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as handle:
        after = {(row["left_id"], row["right_id"]): row["probability"] for row in csv.DictReader(handle)}
    assert (one["left_id"], one["right_id"]) not in after
    assert float(after[other["left_id"], other["right_id"]]) == 1.0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "people’s decisions changed" in page
    told = page[page.index("The pairs asked for") : page.index("What each field tells")]
    assert "no match: a person said so" in told
    assert "a person</td>" in told
    assert "rivals</td>" not in told


@pytest.mark.parametrize("rows", [[], [("nobody", "R1", "yes"), (None, "R1", "no")]])
def test_labels_of_no_record_change_nothing(files: Path, rows: list[tuple[str | None, str, str]]) -> None:
    names = ("left_id", "right_id", "match")
    labels = pa.table({name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)})
    assert _linked(files, "right.parquet", labels).found.taught is None


def test_of_two_decisions_on_a_pair_the_later_stands_and_none_is_about_a_record_and_itself(files: Path) -> None:
    said = [("R1", "R2", "no"), ("R2", "R1", "yes"), ("R3", "R3", "yes")]
    names = ("left_id", "right_id", "match")
    labels = pa.table({name: pa.array([row[n] for row in said], pa.string()) for n, name in enumerate(names)})
    outcome = _linked(files, None, labels)
    assert (outcome.found.taught.yes, outcome.found.taught.no) == (1, 0)
    pairs = outcome.pairs.select(["left_id", "right_id"]).to_pylist()
    assert {"left_id": "R2", "right_id": "R3"} not in pairs
    assert {"left_id": "R1", "right_id": "R2"} in pairs
    assert all(pair["left_id"] != pair["right_id"] for pair in pairs)


@pytest.mark.parametrize(
    ("said", "better", "lost"),
    [
        (["L1,R1", "L1,R2"], "one_to_many", "1"),
        (["L1,R1", "L2,R1"], "many_to_one", "1"),
        (["L1,R1", "L1,R2", "L3,R3", "L4,R3"], "many_to_many", "2"),
    ],
)
def test_decisions_that_exclude_each_other_are_told_with_what_would_keep_them(
    files: Path, said: list[str], better: str, lost: str
) -> None:
    columns = {name: pa.array([text.split(",")[n] for text in said]) for n, name in enumerate(("left_id", "right_id"))}
    labels = pa.table(columns | {"match": pa.array(["yes"] * len(said))})
    (told,) = (w for w in _linked(files, "right.parquet", labels).warnings if w.code == "overruled")
    assert [told.params[name] for name in ("assign", "better", "pairs")] == ["one_to_one", better, lost]
    places = {(text[1], text[-1]) for text in said}
    assert (str(int(str(told.params["left"])) - 1), str(int(str(told.params["right"])) - 1)) in places
    assert f"write assign: {better}" in linked.sentence(told.code, told.params, "en")


def test_decisions_that_do_not_exclude_each_other_stand_and_are_not_told(files: Path) -> None:
    said = [{"left_id": f"L{n}", "right_id": f"R{n ^ 1}", "match": "yes"} for n in range(2, 12)]
    found = _linked(files, "right.parquet", pa.Table.from_pylist(said))
    stand = found.pairs.filter(pc.field("decision") == "match").select(["left_id", "right_id"]).to_pylist()
    assert not [row for row in said if {"left_id": row["left_id"], "right_id": row["right_id"]} not in stand]
    assert not [w for w in found.warnings if w.code == "overruled"]


def test_in_one_file_a_yes_that_a_no_excludes_is_told(files: Path) -> None:
    said = [("R1", "R2", "yes"), ("R2", "R3", "yes"), ("R1", "R3", "no")]
    names = ("left_id", "right_id", "match")
    labels = pa.table({name: pa.array([row[n] for row in said]) for n, name in enumerate(names)})
    (told,) = (w for w in _linked(files, None, labels).warnings if w.code == "contrary")
    assert told.params["pairs"] == "1"
    assert "the no stands" in linked.sentence(told.code, told.params, "en")


def _linked(files: Path, right: str | None, labels: pa.Table) -> Any:
    """In this process: the right file with itself, or beside the left one."""
    one, other = pyarrow.csv.read_csv(files / "left.csv"), parquet.read_table(files / "right.parquet")
    columns: dict[str, Any] = {name: one[name].cast(pa.string()) for name in one.column_names}
    one = pa.table(columns)
    spec = Spec(left_id="id", right_id="id", fields=people.FIELDS)
    if right is None:
        return linking.run(other, None, spec, {}, ("right", "right"), labels=labels)
    return linking.run(one, other, spec, {}, ("left", "right"), labels=labels)


def test_a_label_that_is_neither_yes_nor_no_is_named(files: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("left_id,right_id,match\nL1,R1,perhaps\n", encoding="utf-8")
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    assert "match of record 1" in _run(*words, "--labels", tmp_path / "labels.csv", code=2)


def test_a_file_that_is_no_table_is_refused(files: Path, tmp_path: Path) -> None:
    (tmp_path / "left.csv").write_bytes(b"\x00\x01\xff\xfe\xff binary")
    assert "neither a table nor text" in _run(tmp_path / "left.csv", "--suggest", code=2)


def test_columns_without_values_are_told_and_match_nothing(files: Path, tmp_path: Path) -> None:
    (tmp_path / "left.csv").write_text("id,given,family,born,phone,street\n1,,,,,\n2,,,,,\n", encoding="utf-8")
    words = (tmp_path / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "o.csv")
    said = json.loads(_run(*words, "--json"))
    assert (said["matches"], said["possible"]) == (0, 0)
    assert "field given has no value at all on a side, and says nothing" in said["warnings"]
    assert "nothing to compare" in _run(tmp_path / "left.csv", "--suggest", code=2)


def test_pairs_are_not_written_under_an_ending_that_they_have_not(files: Path, tmp_path: Path) -> None:
    words = (files / "left.csv", "--spec", files / "spec.yaml", "--out", tmp_path / "o.xlsx")
    assert "it should end with one of .csv, .parquet" in _run(*words, code=2)


def test_a_report_that_cannot_be_written_is_refused_before_the_work(files: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    words = (files / "left.csv", "--spec", files / "spec.yaml", "--out", tmp_path / "o.csv")
    assert "no file can be written there" in _run(*words, "--report", tmp_path / "file" / "r.html", code=2)
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("option", "given"),
    [("--out", "left"), ("--out", "right"), ("--out", "truth"), ("--out", "labels"), ("--report", "spec")],
)
def test_what_is_read_is_never_written_over(tmp_path: Path, option: str, given: str) -> None:
    ends = (".csv", ".html")
    paths = {name: tmp_path / f"{name}.csv" for name in ("left", "right", "truth", "labels")}
    paths["spec"] = tmp_path / "spec.html"
    for path in paths.values():
        path.write_text("kept", encoding="utf-8")
    (tmp_path / "other").symlink_to(tmp_path)
    with pytest.raises(InputError, match="would be written over"):
        linking.writable(tmp_path / "other" / paths[given].name, option, ends, paths.values())
    assert {path.read_text(encoding="utf-8") for path in paths.values()} == {"kept"}


def test_a_file_that_would_be_written_over_is_refused_before_the_work(files: Path, tmp_path: Path) -> None:
    left = tmp_path / "left.csv"
    left.write_bytes((files / "left.csv").read_bytes())
    asked = (left, files / "right.parquet", "--spec", files / "spec.yaml", "--out")
    assert "would be written over" in _run(*asked, left, code=2)
    assert left.read_bytes() == (files / "left.csv").read_bytes()


def test_a_disk_that_is_full_is_told_and_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = tmp_path / "pairs.csv"
    kept.write_text("of yesterday", encoding="utf-8")
    monkeypatch.setattr(pyarrow.csv, "write_csv", full)
    with pytest.raises(InputError, match="could not be written"):
        linking.write(pa.table({"left_id": ["1"]}), kept)
    assert kept.read_text(encoding="utf-8") == "of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.csv"]


def test_labels_and_truth_of_other_records_are_told(files: Path, tmp_path: Path) -> None:
    """Ids that stand in no file would say nothing, and a truth of them that everything is wrong."""
    (tmp_path / "l.csv").write_text("left_id,right_id,match\nR1,L1,yes\nL1,R2,no\n", encoding="utf-8")
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    said = json.loads(_run(*words, "--labels", tmp_path / "l.csv", "--json"))
    assert any("1 of the 2 records of --labels name ids that are in no file" in text for text in said["warnings"])


def test_a_truth_of_other_records_is_refused_before_the_work(files: Path, tmp_path: Path) -> None:
    """Ids that lost their leading zeros would say that everything is wrong."""
    truth = tmp_path / "truth.csv"
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    for rows in ("1,2\n3,4\n", ""):
        truth.write_text(f"left_id,right_id\n{rows}", encoding="utf-8")
        assert "names two records of the files" in _run(*words, "--truth", truth, code=2)
    assert not (tmp_path / "p.csv").exists()


def test_of_a_truth_only_pairs_that_are_there_count(files: Path) -> None:
    """A record and itself are no pair that could be found."""
    one, names = parquet.read_table(files / "right.parquet"), ("right", "right")
    spec = Spec(left_id="id", right_id="id", fields=people.FIELDS)
    pairs = linking.run(one, None, spec, {}, names).pairs.filter(pc.field("decision") == "match")
    known = [
        ("R3", "R3"),
        ("R3", "nobody"),
        *zip(*(pairs[c].to_pylist() for c in ("right_id", "left_id")), strict=True),
    ]
    truth = pa.table({"left_id": [a for a, _ in known], "right_id": [b for _, b in known]})
    judged = linking.run(one, None, spec, {}, names, truth)
    assert judged.quality == judge.Quality(precision=1.0, recall=1.0)
    assert judged.warnings[-1].params["unknown"] == 1


def test_a_cluster_whose_pairs_have_no_room_is_written_with_its_first_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 12 copies there are 66 pairs; the column `cluster` tells the same by 11."""
    left, right, _ = people.files(400)
    crowd = {"given": "anna", "family": "abel", "born": "1980-01-02", "phone": "0301234567", "street": "12 kern street"}
    columns = {name: [*left[name].to_pylist(), *right[name].to_pylist(), *[crowd[name]] * 12] for name in left}
    one = pa.table({"id": [str(n) for n in range(812)], **columns})
    spec, names = Spec(left_id="id", right_id="id", fields=people.FIELDS), ("left", "left")
    whole = linking.run(one, None, spec, {}, names)
    assert "crowded" not in {w.code for w in whole.warnings}
    monkeypatch.setattr(linking, "PAIR", engine.MEMORY // linking.SHARE // 340)
    truth = pa.table({"left_id": [str(n) for n in range(800, 811)], "right_id": [str(n) for n in range(801, 812)]})
    found = linking.run(one, None, spec, {}, names, truth)
    of_crowd = found.pairs.filter(pc.field("cluster") == "800")
    assert of_crowd["left_id"].to_pylist() == ["800"] * 11
    assert sorted(map(int, of_crowd["right_id"].to_pylist())) == list(range(801, 812))
    (warned,) = (w for w in found.warnings if w.code == "crowded")
    assert warned.params["clusters"] == 1
    assert found.pairs.filter(pc.field("cluster") != "800") == whole.pairs.filter(pc.field("cluster") != "800")
    assert found.quality is not None
    assert found.quality.recall == 1.0


def test_an_empty_file_alone_has_no_cluster(files: Path) -> None:
    one = parquet.read_table(files / "right.parquet").slice(0, 0)
    outcome = linking.run(one, None, Spec(left_id="id", right_id="id", fields=people.FIELDS), {}, ("right", "right"))
    assert outcome.pairs.column_names == ["left_id", "right_id", "probability", "decision", "cluster"]
    assert linked.figures(outcome)["clusters"] == 0
    assert [w.params["file"] for w in outcome.warnings] == ["right"]


@pytest.mark.parametrize("other", [True, False])
def test_what_became_of_the_records_is_told_of_each_once(files: Path, tmp_path: Path, other: bool) -> None:
    rights = [files / "right.parquet"] if other else []
    words = (files / "left.csv", *rights, "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    said = json.loads(_run(*words, "--report", tmp_path / "r.html", "--json"))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    told = page[page.index("What became of the records") : page.index("Samples, step by step")]
    rows = [re.findall(r'<td class="n">([\d,]+)<', row) for row in told.split("<tr>")[2:]]
    counts = [[int(count.replace(",", "")) for count in row] for row in rows]
    assert [sum(side) for side in zip(*counts, strict=True)] == ([1200, 1200] if other else [1200])
    if other:
        assert counts[0] == [said["matches"], said["matches"]]
    else:
        assert counts[-1] == [0]  # in a small file every record is looked at beside every other
        assert f"clusters<b>{said['clusters']:,}<" in page
    assert "—</td><td><span" in page  # of a range of probabilities that has no pair nothing is claimed


def test_the_page_shows_values_of_each_level(files: Path, tmp_path: Path) -> None:
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    _run(*words, "--report", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    told = page[page.index("What each field tells") : page.index("How candidates were found")]
    assert told.count(" ↔ ") > 20


FIGURES = {
    "left": 9,
    "right": 9,
    "candidates": 3,
    "matches": 0,
    "possible": 0,
    "seconds": 1.0,
    "peak_mb": 9,
    "out": "o",
}


def test_of_no_match_no_precision_is_claimed() -> None:
    judged = {"estimated_precision": 0.0, "estimated_recall": 0.0, "estimated_f1": 0.0}
    assert "估计：准确率 —，召回率 0.0000" in linked.told(FIGURES | judged, "zh").splitlines()
    assert "estimated: precision —, recall 0.0000" in linked.told(FIGURES | judged, "en").splitlines()


def test_what_was_judged_is_told_in_the_words_of_the_page() -> None:
    judged = {"precision": 0.5, "recall": 0.25, "f1": 0.33333, "estimated_f1": 0.9}
    assert "对照真值：准确率 0.5000，召回率 0.2500，F1 0.3333" in linked.told(FIGURES | {"matches": 2} | judged, "zh")


def test_one_file_is_told_as_one() -> None:
    assert linked.told(FIGURES | {"clusters": 8}, "zh").startswith("9 条记录，候选 3 对\n")
    assert linked.told(FIGURES, "zh").startswith("左 9 条，右 9 条，候选 3 对\n")


def test_any_pair_is_taken_apart_on_the_page(files: Path, tmp_path: Path) -> None:
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    _run(*words)
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    one, other = (next(row for row in rows[::-1] if row["decision"] == said) for said in ("match", "possible"))
    pairs = [(row["left_id"], row["right_id"]) for row in (one, other)] + [(one["left_id"], other["right_id"])]
    _run(*words, "--report", tmp_path / "r.html", *(word for ids in pairs for word in ("--explain", ",".join(ids))))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    told = page[page.index("The pairs asked for") : page.index("What each field tells")]
    heads = re.findall(r"<summary>(\S+) ↔ (\S+) · probability <b>([\d.]+)</b> · (.*?)</summary>", told)
    assert [head[:2] for head in heads] == pairs
    assert [head[3] for head in heads[:2]] == ["a match", "possible, for a person"]
    assert heads[2][3].startswith("no match: ")
    for head, row in zip(heads, (one, other), strict=False):
        assert float(head[2]) == pytest.approx(float(row["probability"]), abs=1e-4)
    assert told.count("<tr>") >= 3 * (1 + len(people.FIELDS))
    steps = [float(bits) for bits in re.findall(r'<td class="n">([-+][\d.]+)</td>', told.split("<details")[2])]
    chance = float(other["probability"])
    for told_of in (sum(steps[:-1]), math.log2(chance / (1 - chance))):
        assert steps[-1] == pytest.approx(told_of, abs=0.05 * len(steps))
    assert "left.csv ↔ right.parquet" in page[: page.index("left records")]


@pytest.mark.parametrize("chance", [0.5, 1e-12])
def test_a_strong_pair_that_loses_to_a_rival_shows_it(chance: float) -> None:
    left, right, _ = people.files(600)
    one, other = (pa.table({"id": pa.array([f"{n}" for n in range(600)]), **side}) for side in (left, right))
    outcome = linking.run(one, other, people.SPEC, {}, ("left", "right"))
    assert outcome.found is not None
    found = replace(
        outcome.found,
        bits=np.full_like(outcome.found.bits, 40.0),
        probability=np.full_like(outcome.found.probability, chance),
    )
    values = {f.name: dict.fromkeys(range(600), "") for f in people.FIELDS}
    shown = linked.pair(found, outcome, 0, (values, values), "en")
    assert shown.steps[-1].name == "rivals"
    told = max(chance, linked.CLIP)
    assert shown.bits == pytest.approx(math.log2(told / (1 - told)))


def test_what_losers_corrected_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "FEW", 1.0)
    left, right, _ = people.files(4000)
    one, other = (pa.table({"id": pa.array([f"{n}" for n in range(4000)]), **side}) for side in (left, right))
    found = linking.run(one, other, people.SPEC, {}, ("left", "right"))
    linked.write(tmp_path / "r.html", found, one, other, people.SPEC.fields)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    drawn = page[page.index("held against pairs that are known to be wrong") : page.index("What became of")]
    assert found.found is not None
    assert drawn.count("<circle") == len(found.found.correction.places) >= 2


@pytest.mark.parametrize(
    ("explain", "named"),
    [
        ("R1", "--explain no. 1: write it as LEFT_ID,RIGHT_ID"),
        ("R1,nobody", "--explain no. 1: right has no such id"),
        ("R1,R1", "--explain no. 1: a record and itself are no pair"),
    ],
)
def test_a_pair_to_explain_that_is_none_is_refused(files: Path, explain: str, named: str) -> None:
    one = parquet.read_table(files / "right.parquet")
    spec = Spec(left_id="id", right_id="id", fields=people.FIELDS)
    with pytest.raises(InputError) as caught:
        linking.run(one, None, spec, {}, ("right", "right"), explain=[explain])
    assert caught.value.words.en.startswith(named)


def test_to_explain_needs_a_page(files: Path) -> None:
    words = (files / "left.csv", "--spec", files / "spec.yaml", "--out", files / "none.csv")
    assert "--explain needs --report" in _run(*words, "--explain", "L1,L2", code=2)


def _columns(*names: str, size: int = 0) -> pa.Table:
    return pa.table({name: pa.array([str(n) for n in range(size)], pa.string()) for name in names})


def _spec(**fields: str) -> Spec:
    return Spec(
        left_id="id", right_id="id", fields=tuple(Field(name=n, kind=k, left=n, right=n) for n, k in fields.items())
    )


def test_other_sheets_of_a_workbook_are_told_and_named_where_a_column_is_sought_in_vain(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["id", "given"])
    for title, row in (("2026", ["id", "given"]), ("empty", [])):
        book.create_sheet(title).append(row)
    book.save(tmp_path / "a.xlsx")
    given = records.read(tmp_path / "a.xlsx")
    told = linking.run(given, None, _spec(given="given"), {}, ("a", "a")).warnings
    assert [(one.code, one.params) for one in told] == [
        ("bare", {"file": "a"}),
        ("sheets", {"file": "a", "sheets": "2026"}),
    ]
    with pytest.raises(
        InputError, match=r"no column 'family'; there are: given, id \(of the first sheet; not read: 2026\)"
    ):
        linking.run(given, None, _spec(family="family"), {}, ("a", "a"))


def test_a_column_whose_name_stands_twice_is_told_where_it_is_used() -> None:
    left, right = _columns("id", "given", "given (2)", "born", "born (2)"), _columns("id", "given")
    told = linking.run(left, right, _spec(given="given"), {}, ("a", "b")).warnings
    assert [one.params for one in told if one.code == "twins"] == [{"file": "a", "column": "given"}]


def test_the_id_of_one_file_is_no_field() -> None:
    with pytest.raises(InputError, match="field id is the id column id"):
        linking.run(_columns("id", size=3), None, _spec(id="id"), {}, ("a", "a"))


def test_a_file_is_not_linked_with_itself(files: Path, tmp_path: Path) -> None:
    (tmp_path / "same").symlink_to(files)
    words = (
        files / "left.csv",
        tmp_path / "same" / "left.csv",
        "--spec",
        files / "spec.yaml",
        "--out",
        tmp_path / "o.csv",
    )
    assert "both files are the same" in _run(*words, code=2)


def test_a_suggestion_takes_no_file_to_write(files: Path, tmp_path: Path) -> None:
    for option in ("--out", "--beside"):
        assert "takes no --out" in _run(files / "left.csv", "--suggest", option, tmp_path / "o.csv", code=2)


def test_a_page_on_one_file_shows_the_columns_that_were_compared(files: Path, tmp_path: Path) -> None:
    """A spec written for two files may name other columns on the right: of one file the left ones are compared."""
    pages = []
    for name, given in (("same", "given: given"), ("other", "given: {kind: given, left: given, right: nickname}")):
        (tmp_path / f"{name}.yaml").write_text(SPEC.replace("given: given", given), encoding="utf-8")
        words = (files / "left.csv", "--spec", tmp_path / f"{name}.yaml", "--out", tmp_path / "o.csv")
        _run(*words, "--report", tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        pages.append(page[page.index("What each field tells") :])
    assert pages[0] == pages[1]


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_both_records_of_a_pair_are_written_beside_each_other(files: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"beside{ending}"
    words = (files / "left.csv", files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    said = json.loads(_run(*words, "--beside", path, "--json"))
    assert said["beside"] == str(path)
    shown = records.read(path)
    assert shown.num_rows == said["matches"] + said["possible"]
    assert {"given (left)", "given (right)", "given (agreement)"} <= set(shown.column_names)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("pairs.html", "--beside .*pairs.html: it should end with one of .csv, .parquet, .xlsx"),
        ("p.csv", "would be written over"),
        ("left.csv", "would be written over"),
        ("left.csv/b.csv", "no file can be written there"),
    ],
)
def test_what_cannot_be_written_beside_is_refused_before_the_work(
    files: Path, tmp_path: Path, path: str, named: str
) -> None:
    left = tmp_path / "left.csv"
    left.write_bytes((files / "left.csv").read_bytes())
    words = (left, files / "right.parquet", "--spec", files / "spec.yaml", "--out", tmp_path / "p.csv")
    assert re.search(named, _run(*words, "--beside", tmp_path / path, code=2))
    assert [one.name for one in tmp_path.iterdir()] == ["left.csv"]
    assert left.read_bytes() == (files / "left.csv").read_bytes()


@pytest.mark.parametrize("assigned", [False, True])
def test_assign_is_told_to_be_idle_in_one_file(files: Path, tmp_path: Path, assigned: bool) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC + "assign: one_to_many\n" * assigned, encoding="utf-8")
    spec = read_spec(settings.load(tmp_path / "spec.yaml"))
    one = parquet.read_table(files / "right.parquet")
    told = [w for w in linking.run(one, None, spec, {}, ("right", "right")).warnings if w.code == "unassigned"]
    assert len(told) == assigned
    assert all("assign has no effect" in linked.sentence(w.code, w.params, "en") for w in told)


def test_large_numbers_of_warnings_are_grouped() -> None:
    params = {"keys": "name", "values": 1234, "dropped": 2560000, "share": "3%"}
    assert "2,560,000 对" in linked.sentence("dropped", params, "zh")
    assert "1,234 values" in linked.sentence("dropped", params, "en")
