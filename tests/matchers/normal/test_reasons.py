"""What readers may say of a text is a closed list: rules name it, and a misspelled name would never be found."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.reference import Reference
from matchers.normal import addresses, ids, names, phones

DATA = Path(__file__).parents[2] / "data"
LINES = [
    line for file in ("dirty_more.jsonl", "compared.jsonl") for line in (DATA / file).read_text("utf-8").split('"')
]
LINES += [
    line for file in sorted((DATA / "addresses").glob("*.txt")) for line in file.read_text("utf-8").splitlines()[::3]
]


def _closed(text: str, reference: Reference) -> None:
    assert {*names.read(text, reference).reasons} <= {*names.REASONS}
    assert {*addresses.read(text, reference).reasons} <= {*addresses.REASONS}
    number = ids.read(text, reference, date(2026, 3, 16))
    assert number.kind in ids.KINDS
    assert {*number.reasons} <= {*ids.REASONS}
    assert {one.problem for one in phones.read(text, reference, "0315").numbers} <= {"", *phones.PROBLEMS}


def test_every_known_writing_is_told_in_listed_words(marked: Reference) -> None:
    assert len(LINES) > 1000
    for text in LINES:
        _closed(text, marked)


@given(
    st.text(
        alphabet=st.sampled_from("张三丰测试*×某王先生之妻公司1398X-号楼单元室/、 ·（）\ue863\u3000?锟斤拷"),
        max_size=20,
    )
)
def test_any_writing_is(marked: Reference, text: str) -> None:
    _closed(text, marked)
