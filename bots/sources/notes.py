"""What a reader met on its way, in sentences that name the place and never the value."""

from collections import Counter
from collections.abc import Mapping

from core.model import Problem
from core.words import Words

PROBLEMS: Mapping[str, Words] = {
    "damaged": Words(
        "文件损坏或不完整，无法打开；请重新导出后放入",
        "the file is damaged or cut off and cannot be opened; export it again",
    ),
    "locked": Words("文件有密码，无法读取", "the file has a password and cannot be read"),
    "no_sheet": Words("工作簿里没有所要的工作表", "the workbook has no sheet of that name"),
    "empty": Words("文件没有内容", "the file is empty"),
    "not_text": Words("编码错误：既不是 UTF-8 也不是 GB18030", "wrong encoding: neither UTF-8 nor GB18030"),
    "missing_key": Words(
        "缺少必需的列：{columns}；整个文件未采用",
        "required columns are missing: {columns}; nothing of the file was used",
    ),
    "missing_column": Words("缺少列：{columns}", "columns are missing: {columns}"),
    "double_column": Words(
        "列 {column} 出现多次，未采用", "the column {column} stands more than once; it was not used"
    ),
    "unknown_column": Words(
        "{count} 个列不在允许清单中，未读取（第 {positions} 列）",
        "{count} columns are not on the list and were dropped (no. {positions})",
    ),
    "bad_row": Words("这一行无法解析", "the row cannot be parsed"),
    "short_row": Words("这一行只有 {cells} 格，应为 {width} 格", "the row has {cells} cells instead of {width}"),
    "long_row": Words("这一行有 {cells} 格，应为 {width} 格", "the row has {cells} cells instead of {width}"),
    "no_key": Words("这一行的 {column} 为空", "{column} is empty in this row"),
    "number_for_text": Words(
        "{column} 应为文本，单元格里却是数字，位数可能已丢失；该格未采用",
        "{column} must be text and the cell holds a number, digits may be lost; the cell was refused",
    ),
    "date_for_text": Words(
        "{column} 应为文本，单元格里却是日期；该格未采用",
        "{column} must be text and the cell holds a date; the cell was refused",
    ),
    "wrong_type": Words(
        "{column} 的单元格类型不对；该格未采用", "{column} has a cell of the wrong type; it was refused"
    ),
    "no_answers": Words("任务没有任何答案", "the task carries no answer"),
    "same_page": Words("接口反复返回同一页，已停止", "the service gives the same page again and again; stopped"),
    "too_many_pages": Words("页数超过上限 {pages}，下次继续", "more than {pages} pages; the next pull goes on"),
    "unreachable": Words("多次重试后仍无法取数：{reason}", "no data after all retries: {reason}"),
    "and_more": Words("同类问题另有 {count} 处：{code}", "{count} more of the same kind: {code}"),
}

SHOWN = 50
"""So many problems of one kind are kept one by one; the rest is counted."""


class Notes:
    """The problems of one delivery, and the rows that it refused as a whole."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.refused = 0
        self._kept: list[Problem] = []
        self._met: Counter[str] = Counter()

    def add(self, code: str, row: int | None = None, **params: object) -> None:
        """Keep a problem; `code` is one of PROBLEMS."""
        if code not in PROBLEMS:
            raise KeyError(code)
        self._met[code] += 1
        if self._met[code] <= SHOWN:
            self._kept.append(Problem(code=code, place=self.place, row=row, params=params))

    def refuse(self, code: str, row: int | None = None, *, rows: int = 1, **params: object) -> None:
        """Keep a problem that cost whole rows."""
        self.refused += rows
        self.add(code, row, **params)

    def met(self, code: str) -> bool:
        """Whether a problem of this kind was met."""
        return self._met[code] > 0

    def problems(self) -> tuple[Problem, ...]:
        """All kept problems, with a count for the kinds that met too often."""
        rest = {code: count - SHOWN for code, count in self._met.items() if count > SHOWN}
        more = (
            Problem(code="and_more", place=self.place, params={"code": code, "count": n}) for code, n in rest.items()
        )
        return (*self._kept, *more)
