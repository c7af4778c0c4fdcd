"""People are told from firms, titles and places by the words, not by what the column is called."""

import pytest

from matchers.link import persons


@pytest.mark.parametrize(
    ("values", "called", "people"),
    [
        (["Mary Smith", "SMITH, JOHN", "Dr. Emma Jones", "R. Patel"], False, True),
        (["王小明", "李建国", "欧阳娜"], False, True),
        (["海底捞火锅", "全聚德", "南京大牌档", "王府井书店总店"], True, False),
        (["Tony's Pizza", "The Palm", "Cafe Luna", "Maria's Grill", "Bar 9"], True, False),
        (["Acme Inc", "Bosch GmbH", "Smith & Sons Ltd"], True, False),
        (["Efficient Joins of Streams", "The Web of Data", "Query Processing in Practice"], True, False),
        (["Oduya Adeola", "Oduya Femi", "Bello Adeola", "Bello Femi"] * 5, True, True),
        (["springfield", "shelbyville", "springfield"], False, False),
    ],
)
def test_people(values: list[str], called: bool, people: bool) -> None:
    assert persons.people(values, called=called) is people
