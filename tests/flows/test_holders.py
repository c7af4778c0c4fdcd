"""When a corrected name or number is still the same person, and when it is another one."""

import pytest

from core.ledger import Ledger
from flows import holders, reconcile
from flows.book import Book
from tests.flows.desk import ACCOUNT, MASKED, OTHER, RIGHT, candidate, materials

OLD = RIGHT[:6] + RIGHT[8:17]
BAD = RIGHT[:-1] + ("1" if RIGHT[-1] != "1" else "2")


@pytest.mark.parametrize(
    ("name", "number", "new_name", "new_number", "same"),
    [
        ("张三丰", RIGHT, "张三峰", None, True),  # the number stays
        ("张三丰", RIGHT, None, OTHER, True),  # the name stays
        ("张三丰", RIGHT, "张三峰", OTHER, False),
        ("张三丰", RIGHT, "张三丰、李四", OTHER, False),  # one of several is not all of them
        ("张三丰", OLD, "张三峰", RIGHT, True),  # the number is written in its new form
        ("张三丰", BAD, None, RIGHT, True),
        ("张三丰", BAD, "李四", RIGHT, False),  # neither stays
        ("户主", RIGHT, "张三丰", None, True),
        ("户主", "", "张三丰", RIGHT, False),  # nobody was ever named
        ("", "", "张三丰", None, False),
        ("张*", RIGHT, "张三丰", None, True),
        ("张*", BAD, "张三丰", RIGHT, False),
        ("李四", MASKED, "张三丰", RIGHT, True),  # the number stays, as far as its mask shows it
        ("李四", "1" + "*" * 17, "张三丰", RIGHT, False),  # such a mask fits everybody
        ("李四", "1" + "*" * 17, "张三丰", None, False),
    ],
)
def test_a_holder_stays_while_his_name_or_his_number_does(
    ledger: Ledger, name: str, number: str, new_name: str | None, new_number: str | None, same: bool
) -> None:
    found = [
        candidate(field, before, after)
        for field, before, after in (("cons_name", name, new_name), ("cert_no", number, new_number))
        if after is not None
    ]
    book = Book.of(materials(ledger, [ACCOUNT | {"cons_name": name, "cert_no": number}]))
    assert holders.changed(book, found, reconcile.wanted_values(found)) == (set() if same else {"C1"})
